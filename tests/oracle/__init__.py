"""Random processes, played by the engine, by the library as shipped, and by an oracle that knows neither."""
