"""What runs found: their statistics, the ranks of their targets, and tables."""
