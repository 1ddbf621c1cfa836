"""Gets recommendations out of a checkpoint: lists, vectors, similar items, and explanations."""
