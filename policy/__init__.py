"""Text in, distribution out: encoder and heads, checkpoint, training, evaluation."""
