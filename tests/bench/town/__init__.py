"""A town for some minutes: residents report, members work, processes die; then every answer is held to the database."""
