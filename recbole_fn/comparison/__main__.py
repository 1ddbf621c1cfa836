"""Runs the one job that is handed in on standard input, or with `--fork` each of several.

`running.run_job` starts it.
"""

import sys

from recbole_fn.environment.warning_filters import silence_known_warnings

if __name__ == "__main__":
    silence_known_warnings()
    # Only now: RecBole, which it imports, is warned of.
    from recbole_fn.comparison.job_process import main

    sys.exit(main())
