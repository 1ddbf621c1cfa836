"""Reads and checks, once, every `fn_` key and every class that a property file names."""
