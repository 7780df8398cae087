"""A diagram's elements into nodes and flows; what may stand in it, and what is wrong with it as it is written."""
