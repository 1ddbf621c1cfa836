"""Validation and test: which items are ranked, and what the metrics are computed from."""
