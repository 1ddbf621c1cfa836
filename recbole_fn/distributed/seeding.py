"""Each rank's own dropout, out of the seed and the step alone."""

import random

import numpy as np
import torch

from recbole_fn.distributed.group import Group


def seed_rank_generators(group: Group, seed: int, step: int) -> None:
    """Seeds the global generators of every rank but the first before a step.

    The first rank goes on as one process does, and its random state is in a checkpoint. What the
    others draw depends on nothing that a checkpoint would have to hold for each of them.

    Args:
        group: The ranks.
        seed: The seed of the run.
        step: Optimizer steps so far.
    """
    if group.rank == 0:
        return
    mixed = np.random.SeedSequence([abs(seed), step, group.rank]).generate_state(1, np.uint64)
    state = int(mixed[0]) >> 1  # 63 bits, which PyTorch takes
    torch.manual_seed(state)
    np.random.seed(state & 0xFFFFFFFF)
    random.seed(state)
