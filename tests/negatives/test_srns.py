"""The sampler with a memory, against dictionaries and loops."""

import math
import statistics
from types import SimpleNamespace

import pytest
import torch

from recbole_fn.data.batching import RowBatch
from recbole_fn.negatives.candidate_memory import CandidateMemory
from recbole_fn.negatives.srns import RobustSampler

ITEMS, USERS, SIZE, ROWS = 40, 4, 6, 9


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def made_up():
    """A sampler over items 1 to 39, whose draws and refills are random."""
    source = torch.Generator().manual_seed(3)

    def uniform(rows, num):
        return torch.randint(1, ITEMS, (len(rows.users), num), generator=source)

    context = SimpleNamespace(uniform=uniform, generator=lambda _: source, num_users=USERS)
    return RobustSampler(context, RobustSampler.Args(size=SIZE, fresh=5, alpha=2.0, warm_up=3))


def test_choices_equal_a_naive_loop_and_the_memory_holds_distinct_items():
    sampler, source = made_up(), torch.Generator().manual_seed(9)
    for epoch in range(8):
        for _ in range(3):
            users = torch.randint(1, USERS, (ROWS,), generator=source)
            targets = torch.randint(1, ITEMS, (ROWS,), generator=source)
            table = torch.randn(ROWS, ITEMS, generator=source)
            rows = RowBatch({}, torch.arange(ROWS), users, targets)
            state = sampler.state_dict()
            negatives = sampler.sample(rows, 2, lambda ids, table=table: table.gather(1, ids))
            if "items" not in state:
                continue
            for row, user in enumerate(users.tolist()):
                if state["items"][user, 0] == 0:
                    continue  # its candidates were drawn in this step
                keys = []
                for item, past in zip(state["items"][user], state["past"][user].t(), strict=True):
                    known = [value for value in past.tolist() if value >= 0]
                    std = statistics.pstdev(known) if known else 0.0
                    value = sigmoid(float(table[row, item] - table[row, targets[row]]))
                    value += 2.0 * min(1, epoch / 3) * std
                    keys.append((-math.inf if item == targets[row] else value, int(item)))
                expected = [item for _, item in sorted(keys, reverse=True)[:2]]
                assert sorted(negatives.items[row].tolist()) == sorted(expected)
            for user in set(users.tolist()):
                assert len(set(sampler.memory.items[user].tolist())) == SIZE
        sampler.end_epoch()
    assert sampler.epoch == 8 and float(sampler.memory.deviation(users).max()) > 0.05


def test_the_deviation_is_that_of_the_last_five_epochs():
    memory = CandidateMemory.empty(num_users=2, size=2)
    user, values = torch.tensor([1]), [0.1, 0.9, 0.3, 0.5, 0.2, 0.8, 0.4]
    memory.keep(user, torch.tensor([[7, 8]]), torch.tensor([[-1, -1]]))
    for epoch, value in enumerate(values):
        for part in (value - 0.05, value + 0.05):  # two steps of one row each
            memory.record(user, torch.tensor([[part, 0.5]]), torch.tensor([1]))
        memory.end_epoch(epoch)
        expected = statistics.pstdev(values[max(epoch - 4, 0) : epoch + 1])
        assert float(memory.deviation(user)[0, 0]) == pytest.approx(expected, abs=1e-3)
        assert float(memory.deviation(user)[0, 1]) == 0
    memory.keep(user, torch.tensor([[8, 9]]), torch.tensor([[1, -1]]))
    assert memory.past[1, :, 0].tolist() == [0.5] * 5 and memory.past[1, :, 1].tolist() == [-1] * 5
    assert memory.num_bytes() == 22 * 4


def test_its_state_is_restored():
    sampler, other = made_up(), made_up()
    rows = RowBatch({}, *(torch.tensor([1, 2, 3]) for _ in range(3)))
    sampler.sample(rows, 2, lambda ids: ids.float())
    sampler.end_epoch()
    other.load_state_dict(sampler.state_dict())
    for name, tensor in sampler.state_dict().items():
        assert torch.equal(other.state_dict()[name], tensor)
