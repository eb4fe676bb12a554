"""Learners from verdicts, one file each, behind one interface (policy/learners/types.py)."""
