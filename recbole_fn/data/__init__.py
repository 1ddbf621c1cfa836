"""What training reads: negatives, the memory of hard ones, and batches of rows."""
