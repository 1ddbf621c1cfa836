"""Several jobs at a time, in Ray; imported only where that is asked for."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from recbole_fn.environment.ray_session import ray_session


def run_with_ray(
    run_job: Callable[..., str | None],
    jobs: Sequence[Any],
    folder: Path,
    workers: int,
    address: str | None,
) -> Iterator[str | None]:
    """Runs jobs in Ray, each with as many threads as CPUs.

    Args:
        run_job: Runs a job.
        jobs: The jobs.
        folder: Where their files go.
        workers: Jobs at a time on this machine, which share its CPUs evenly.
        address: A cluster, which runs as many jobs of one CPU as it likes; None for this machine.

    Yields:
        What `run_job` returns, for each job as it ends.

    Example:
        >>> from recbole_fn.comparison.running import run_job
        >>> list(run_with_ray(run_job, jobs, folder.resolve(), workers=2, address=None))
        [None, None]
    """
    cpus = 1 if address else max(1, (os.cpu_count() or 1) // workers)
    with ray_session(address, cpus * workers) as ray:
        task = ray.remote(num_cpus=cpus, max_retries=0)(run_job)
        running = [task.remote(job, folder, threads=cpus) for job in jobs]
        while running:
            (done,), running = ray.wait(running)
            yield ray.get(done)
