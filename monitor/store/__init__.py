"""The store: the only room where SQL is spoken."""
