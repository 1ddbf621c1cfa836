"""Tests of score priors."""
