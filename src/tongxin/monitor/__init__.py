"""What administrators watch and mend: running cases, incidents, workers, connectors, tasks nobody can do any more."""
