"""Rows with scored candidates: what samplers, treatments and losses talk about."""
