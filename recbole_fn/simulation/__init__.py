"""Simulated data sets with known user tastes, and how well extraction recovers them."""
