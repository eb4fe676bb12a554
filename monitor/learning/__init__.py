"""Rounds of learning: verdicts in the store → a candidate, its trial, and what goes live."""
