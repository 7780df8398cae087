"""Live updates: who has a page open hears that something changed."""
