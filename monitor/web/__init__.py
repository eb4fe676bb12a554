"""The page on the wall and its JSON, where analysts answer, and what a supervisor asks."""
