"""`python -m recbole_fn.benchmark`."""

import sys

from recbole_fn.benchmark.command_line import main

if __name__ == "__main__":
    sys.exit(main())
