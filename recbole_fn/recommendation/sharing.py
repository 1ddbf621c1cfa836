"""Shares the parts of an output among Ray's actors; imported only where that is asked for."""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pandas as pd
import torch

from recbole_fn.environment.ray_session import ray_session
from recbole_fn.recommendation.lists import Plan, frames
from recbole_fn.utils.errors import WorkerError


def frames_in_ray(
    make_plan: Callable[[], Plan],
    numbers: Sequence[int],
    nproc: int | None,
    address: str | None,
) -> Iterator[tuple[int, pd.DataFrame]]:
    """Parts of the lists, made by several processes, in the order in which they finish.

    Args:
        make_plan: Makes the plan; each process loads model and data for itself.
        numbers: The parts to make.
        nproc: Processes, of one CPU each; None for all CPUs of the cluster.
        address: A cluster, whose machines have the files at the same places; None for this machine.

    Yields:
        The number of a part, and its rows.

    Raises:
        WorkerError: if a process ends before its work.

    Example:
        >>> from functools import partial
        >>> from recbole_fn.recommendation.recommend import make_plan
        >>> rest = ("history", None, None, "test", None)
        >>> make = partial(make_plan, str(model_file), ["u1", "u2"], None, 5, *rest)
        >>> for number, frame in frames_in_ray(make, [0], nproc=1, address=None):
        ...     number, len(frame)
        (0, 10)
    """
    with ray_session(address, nproc) as ray:
        from ray.util import ActorPool

        most = nproc or int(ray.cluster_resources().get("CPU", 1))
        maker = ray.remote(num_cpus=1)(_Maker)
        makers = [maker.remote(os.getcwd(), make_plan) for _ in range(min(most, len(numbers)))]
        try:
            yield from ActorPool(makers).map_unordered(lambda one, n: one.frame.remote(n), numbers)
        except ray.exceptions.RayError as error:  # only Ray knows why it ended
            reason = " ".join(str(error).split())
            raise WorkerError(
                f"a process of Ray ended before its work; the same command goes on: {reason}"
            ) from error


class _Maker:
    """Makes parts in a process of Ray."""

    def __init__(self, folder: str, make_plan: Callable[[], Plan]) -> None:
        os.chdir(folder)  # paths in a checkpoint may be relative
        torch.set_num_threads(1)
        self.plan: Plan = make_plan()

    def frame(self, number: int) -> tuple[int, Any]:
        """A part."""
        (frame,) = frames(self.plan, [number])
        return number, frame
