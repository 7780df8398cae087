"""A year of a county: every procedure there is, people who answer by chance, a clock that is moved."""
