"""When to speak and how: detection, the life of an alert, messages and their delivery."""
