"""The texts of code, templates and scripts, and the catalogue that translates them."""
