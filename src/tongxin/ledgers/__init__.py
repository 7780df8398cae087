"""Ledgers (台账): what all cases of a procedure come to, on a page and in a spreadsheet, and ledgers taken in."""
