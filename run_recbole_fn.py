"""Trains and tests a model with false-negative extraction; see --help."""

import sys

from recbole_fn.cli.dispatch import main

if __name__ == "__main__":
    sys.exit(main())
