"""One file with the store and the checkpoints that it names, made while the daemon runs."""
