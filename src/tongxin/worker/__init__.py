"""Runs what is due and what was deferred, through the same verbs as the routes."""
