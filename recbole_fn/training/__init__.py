"""Trains: RecBole's trainer with a step of ours, a teacher and callbacks."""
