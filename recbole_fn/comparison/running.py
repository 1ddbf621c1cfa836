"""Runs jobs, each in a process of its own, and skips those that have finished before."""

import os
import pickle
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from recbole_fn.comparison.finished import keep, starts_anew
from recbole_fn.comparison.nursery import CAN_FORK, COMMAND, Nursery, end_kept
from recbole_fn.comparison.parallel import run_with_ray
from recbole_fn.comparison.plan import Job
from recbole_fn.comparison.progress import Watch
from recbole_fn.comparison.status import running, status_file


def run_job(job: Job, folder: Path, threads: int | None = None) -> str | None:
    """Runs a job in a process of its own.

    Args:
        job: The job.
        folder: Where its files go; an absolute path.
        threads: Threads of PyTorch; as many as it takes by default.

    Returns:
        None once it has finished, or a line that says why it failed.

    Example:
        >>> run_job(jobs[0], folder.resolve(), threads=1) is None
        True
    """
    log = folder / f"{job.name}.log"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    if threads is not None:
        environment["OMP_NUM_THREADS"] = str(threads)
    try:
        code = _run(job, folder, log, environment)
    finally:  # a job that was killed has left it
        status_file(folder, job.name).unlink(missing_ok=True)
    return None if code == 0 else _failure(job, log, code)


def _run(job: Job, folder: Path, log: Path, environment: dict[str, str]) -> int:
    log.write_bytes(b"")
    if CAN_FORK:
        return Nursery.kept(environment, log).run(job, folder, log)
    return _run_anew(pickle.dumps((job, folder)), log, environment)


def _run_anew(pickled: bytes, log: Path, environment: dict[str, str]) -> int:
    """Its standard input is open for as long as this process waits: see `parent_watchdog`."""
    with (
        log.open("ab") as file,
        subprocess.Popen(
            COMMAND, stdin=subprocess.PIPE, stdout=file, stderr=subprocess.STDOUT, env=environment
        ) as process,
    ):
        assert process.stdin is not None
        try:
            with suppress(BrokenPipeError):  # it ended at once; its exit code tells
                process.stdin.write(pickled)
                process.stdin.flush()
            return process.wait()
        except BaseException:
            process.kill()
            raise


def _failure(job: Job, log: Path, code: int) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    reason = lines[-1] if lines else f"exit code {code}"
    return f"{job.name} failed ({reason[:200]}); see {log}"


def run_all(
    jobs: Iterable[Job], folder: Path, workers: int = 1, ray_address: str | None = None
) -> list[str]:
    """Runs those jobs that have not finished, and shows how far they are.

    Args:
        jobs: The jobs.
        folder: Where their files go; an absolute path.
        workers: Jobs at a time; more than one run in Ray.
        ray_address: A cluster of Ray that runs the jobs; all must see the folder.

    Returns:
        A line for each job that failed.

    Example:
        >>> run_all(jobs, folder.resolve())
        []
    """
    jobs = list(jobs)
    left = [job for job in jobs if not keep(job, folder)]
    done = _in_turn(left, folder)
    if left and (workers > 1 or ray_address):
        done = run_with_ray(run_job, left, folder, workers, ray_address)
    failures, names = [], [job.name for job in left]
    try:
        with Watch(len(jobs), len(jobs) - len(left), lambda: running(folder, names)) as watch:
            for line in filter(None, [starts_anew(job, folder) for job in left]):
                watch.say(line)
            for failure in done:
                if failure is not None:
                    watch.say(failure)
                    failures.append(failure)
                watch.ended()
    finally:
        end_kept()
    return failures


def _in_turn(jobs: Iterable[Job], folder: Path) -> Iterator[str | None]:
    for job in jobs:
        yield run_job(job, folder)
