"""Serves recommendations over HTTP: a trained model behind a small service, and its page."""
