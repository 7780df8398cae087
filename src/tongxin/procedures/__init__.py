"""Procedures: from a folder of content to a checked, compiled, published definition. The only compiler and cache."""
