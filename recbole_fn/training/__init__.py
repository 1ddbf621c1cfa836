"""Trains: RecBole's trainer with a step of ours, a teacher, callbacks and the last checkpoint."""
