"""Can every case come to an end? Tokens followed through the graph, before anybody works with it."""
