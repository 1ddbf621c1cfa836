"""Small helpers that every room may use: errors, atomic file writes, ragged tensors, types."""
