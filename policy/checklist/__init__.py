"""What a policy must be able to do, asked by small changes of a text (Ribeiro et al. 2020)."""
