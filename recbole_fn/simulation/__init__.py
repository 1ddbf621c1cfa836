"""Data sets whose truth is known, and how much of it extraction finds."""
