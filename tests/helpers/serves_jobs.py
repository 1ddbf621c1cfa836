"""What `python -m recbole_fn.comparison --fork` is, for jobs that only note their process."""

import os
import sys
import time

from recbole_fn.comparison.job_process import serve


def run(job, folder):
    """Notes this process and its parent; a job may exit, raise, or never end."""
    print("a job runs", flush=True)
    (folder / job).write_text(f"{os.getpid()} {os.getppid()}")
    if job == "raises":
        raise ValueError("a job that raises")
    while job == "endless":
        time.sleep(0.01)
    return 2 if job == "mistake" else 0


if __name__ == "__main__":
    sys.exit(serve(run))
