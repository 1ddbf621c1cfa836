"""The command line: one subcommand a file, and exit codes in one place."""

from recbole_fn.cli.dispatch import main

__all__ = ["main"]
