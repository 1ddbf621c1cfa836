"""What ranks draw for themselves, such as dropout."""

import random
from itertools import pairwise

import numpy as np
import torch

from recbole_fn.distributed.group import Group
from recbole_fn.distributed.seeding import seed_rank_generators


def draws(rank, step, seed=2020):
    torch.manual_seed(1)
    np.random.seed(1)
    random.seed(1)
    seed_rank_generators(Group(rank, 3), seed, step)
    return torch.rand(2).tolist(), np.random.rand(), random.random()


def test_ranks_steps_and_seeds_differ_and_a_step_gives_the_same_again():
    keys = [(rank, step, seed) for rank in (1, 2) for step in (0, 1) for seed in (2020, 5)]
    drawn = [draws(*key) for key in keys]
    assert all(first != other for first, other in pairwise(drawn))
    assert len({str(part) for one in drawn for part in one}) == 3 * len(keys)
    assert [draws(*key) for key in keys] == drawn


def test_the_first_rank_draws_what_one_process_draws():
    assert draws(0, 0) == draws(0, 7)
    drawn = draws(0, 3)
    torch.manual_seed(1)
    assert drawn[0] == torch.rand(2).tolist()
