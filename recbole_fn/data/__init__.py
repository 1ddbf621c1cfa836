"""Turns RecBole's interactions into the rows of a training step."""
