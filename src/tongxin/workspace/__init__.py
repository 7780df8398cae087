"""Where process owners draw, check and publish procedures."""
