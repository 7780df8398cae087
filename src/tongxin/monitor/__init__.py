"""Where administrators watch running cases and mend what is stuck."""
