"""What each kind of element does with a token: SpiffWorkflow's specs with our rules."""
