"""The supervised-to-bandit experiment: labelled files replayed to learners as verdicts."""
