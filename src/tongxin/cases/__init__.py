"""Cases: the heart. Models, verbs, queries, routes."""
