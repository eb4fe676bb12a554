"""Contrast pairs of our own writing: one sentence, one word turned, the opposite label."""
