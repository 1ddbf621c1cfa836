"""Scores a row's candidates, encoding each row once, in a way that a probe has verified."""
