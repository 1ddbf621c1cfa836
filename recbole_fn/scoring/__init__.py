"""Scores of a row's candidates, each row encoded once, in the way that a probe has confirmed."""
