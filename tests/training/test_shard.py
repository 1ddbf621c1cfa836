"""Each row of a batch is visited by one rank, and all ranks remember all of them."""

import dataclasses

import pytest
import torch
from recbole.data.interaction import Interaction

from recbole_fn.data.batching import RowBatch
from recbole_fn.distributed.group import Group
from recbole_fn.extraction.memory import HardNegativeMemory
from recbole_fn.training.shard import take_shard


class Rank(Group):
    """A rank that hears what it and the others have said."""

    sent: list

    def gather(self, tensor):
        self.sent[self.rank] = tensor
        return torch.cat(self.sent)


def rank(number, sent):
    made = Rank(number, len(sent))
    object.__setattr__(made, "sent", sent)
    return made


def batch(windows):
    """Six rows: in three windows, or in an entry each."""
    rows, users = torch.tensor([3, 4, 5, 9, 10, 2]), torch.tensor([1, 1, 1, 2, 2, 7])
    if not windows:
        return RowBatch(Interaction({"user": users}), rows, users, rows + 100)
    entry, position = torch.tensor([0, 0, 0, 1, 1, 2]), torch.tensor([0, 1, 2, 0, 1, 0])
    interaction = Interaction({"user": torch.tensor([1, 2, 7])})
    return RowBatch(interaction, rows, users, rows + 100, entry, position)


@pytest.mark.parametrize("windows", [False, True])
@pytest.mark.parametrize("size", [2, 3, 8])
def test_the_shares_are_the_batch_and_a_window_has_one_rank(windows, size):
    whole, items = batch(windows), torch.arange(24).view(6, 4)
    shards = [take_shard(Group(rank, size), whole) for rank in range(size)]
    places = torch.cat([shard.places for shard in shards])
    assert sorted(places.tolist()) == list(range(6))
    for shard in shards:
        own = shard.batch
        assert shard.full_batch is whole
        assert own.rows.tolist() == whole.rows[shard.places].tolist()
        assert own.targets.tolist() == [row + 100 for row in own.rows.tolist()]
        assert torch.equal(shard.select(items), items[shard.places])
        entry = torch.arange(len(own.rows)) if own.entry is None else own.entry
        assert own.interaction["user"][entry].tolist() == own.users.tolist()
        assert len(own.interaction) == len(set(own.users.tolist())) or not windows
    sizes = [len(shard.places) for shard in shards]
    assert max(sizes) - min(sizes) <= 1 or windows


def test_one_process_has_the_batch_itself():
    whole, items = batch(True), torch.zeros(6, 4, dtype=torch.int64)
    shard = take_shard(Group(0, 1), whole)
    assert shard.batch is whole and shard.select(items) is items and shard.places is None
    assert shard.gather_rows(items) is items
    assert shard.gather_chosen(items, items > 0)[0] is items


@pytest.mark.parametrize("size", [2, 3, 8])
def test_what_ranks_know_of_their_rows_comes_together_in_order(size):
    whole, values = batch(True), torch.arange(24.0).view(6, 4)
    shards = [take_shard(Group(number, size), whole) for number in range(size)]
    sent = [shard.places for shard in shards], [shard.select(values) for shard in shards]

    class Hearing(Group):
        def gather(self, tensor):
            return torch.cat(sent[0] if tensor.dim() == 1 else sent[1])

    for number, shard in enumerate(shards):
        heard = dataclasses.replace(shard, group=Hearing(number, size))
        assert torch.equal(heard.gather_rows(shard.select(values)), values)


@pytest.mark.parametrize("size", [2, 3, 8])
@pytest.mark.parametrize("hard_share", [0.0, 0.5])
def test_all_ranks_remember_what_one_process_remembers(size, hard_share):
    source = torch.Generator().manual_seed(size)
    items = torch.randint(1, 30, (6, 4), generator=source)
    hard = torch.rand(6, 4, generator=source) < hard_share
    whole = batch(True)
    alone = HardNegativeMemory(12, 30, 1)
    alone.update(whole.rows, items, hard)
    sent = [torch.zeros(0, 2, dtype=torch.int32)] * size
    for _ in range(2):  # first all speak, then all hear everybody
        memories = [HardNegativeMemory(12, 30, 1) for _ in range(size)]
        for number, memory in enumerate(memories):
            shard = take_shard(rank(number, sent), whole)
            chosen = shard.gather_chosen(shard.select(items), shard.select(hard))
            memory.update(whole.rows, *chosen)
    for memory in memories:
        for name, tensor in alone.state_dict().items():
            assert torch.equal(memory.state_dict()[name], tensor), name
