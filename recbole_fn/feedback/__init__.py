"""Real feedback: which interactions are negative, the rows without them, and real negatives."""
