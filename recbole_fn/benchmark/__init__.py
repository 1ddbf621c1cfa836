"""Measures time and memory: against RecBole, against the authors' code, and as data grow."""
