"""What stands between a candidate and going live: proof, by verdicts given after it was frozen."""
