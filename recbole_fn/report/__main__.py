"""`python -m recbole_fn.report FOLDER` writes the page of a comparison again."""

import sys

from recbole_fn.report.command import main

if __name__ == "__main__":
    sys.exit(main())
