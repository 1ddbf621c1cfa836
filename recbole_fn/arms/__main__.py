"""Runs the one job that is handed in on standard input; `running.run_job` starts it."""

import sys

from recbole_fn.arms.job import main

if __name__ == "__main__":
    sys.exit(main())
