"""`python -m recbole_fn` does what `run_recbole_fn.py` does."""

import sys

from recbole_fn.cli.dispatch import main

if __name__ == "__main__":
    sys.exit(main())
