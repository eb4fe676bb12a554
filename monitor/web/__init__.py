"""The page on the wall, its JSON, and what a supervisor asks. It only reads."""
