"""Errors, files written whole, ragged tensors: small, and of no policy."""
