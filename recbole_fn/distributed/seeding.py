"""Different dropout on each rank, determined by the seed and the step alone."""

import random

import numpy as np
import torch

from recbole_fn.distributed.group import Group


def seed_rank_generators(group: Group, seed: int, step: int) -> None:
    """Seeds the global generators of every rank but the first before a step.

    The generators of the first rank continue as in a run of one process, and checkpoints hold
    their state. Those of the other ranks need no state in checkpoints.

    Args:
        group: The ranks.
        seed: The seed of the run.
        step: Optimizer steps so far.

    Examples:
        >>> state = torch.get_rng_state()
        >>> seed_rank_generators(Group(rank=1, size=2), seed=7, step=0)
        >>> first = torch.rand(2)
        >>> seed_rank_generators(Group(rank=1, size=2), seed=7, step=0)
        >>> torch.equal(torch.rand(2), first)
        True
        >>> _ = torch.set_rng_state(state)
    """
    if group.rank == 0:
        return
    mixed = np.random.SeedSequence([abs(seed), step, group.rank]).generate_state(1, np.uint64)
    state = int(mixed[0]) >> 1  # 63 bits, which PyTorch takes
    torch.manual_seed(state)
    np.random.seed(state & 0xFFFFFFFF)
    random.seed(state)
