"""Validation and test: which items are ranked, which are left out, and what is collected."""
