"""Inspection: what samplers of negatives draw over training, as a page."""
