"""A live policy taught by analysts' verdicts: adapters and heads, on a leash to what it was."""
