"""The daemon: feeds, store, jobs, console, command line, metrics, back-test."""
