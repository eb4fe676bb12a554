"""Putting labels before analysts, and taking down what they say."""
