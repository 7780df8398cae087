"""API v1 for other systems: bearer tokens, problem+json, the same verbs as the pages."""
