"""Residents' pages: report, follow, rate, withdraw. No account, only a code or a personal link."""
