"""What a completion costs over HTTP, beside what its statements cost the database alone. Run by `make bench`."""
