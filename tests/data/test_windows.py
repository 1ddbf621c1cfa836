"""Windows cover each row once and hold what the rows hold."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_fn.data.batching import SequenceBatching
from recbole_fn.data.windows import find_windows, plan_windows
from tests.runs import fit, pieces


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.integers(1, 4))
@settings(max_examples=100, deadline=None)
def test_each_row_lies_in_one_window_of_its_user(rows_each, max_length):
    users = torch.repeat_interleave(torch.arange(len(rows_each)), torch.tensor(rows_each))
    windows = plan_windows(users, max_length)
    covered = []
    for anchor, num_rows in zip(windows.anchors.tolist(), windows.num_rows.tolist()):
        assert 1 <= num_rows <= max_length
        rows = range(anchor - num_rows + 1, anchor + 1)
        assert {users[row].item() for row in rows} == {users[anchor].item()}
        covered += rows
    assert covered == list(range(len(users)))


def test_an_epoch_of_windows_visits_each_row_once_with_its_own_history():
    run = pieces(MAX_ITEM_LIST_LENGTH=5, fn_start=1000, epochs=1)
    fit(run)
    assert isinstance(run.trainer.learner.batching, SequenceBatching)
    rows = run.train_data._dataset.inter_feat
    seen = []
    for interaction in run.trainer._loader:
        batch = run.trainer.learner.batching.rows(interaction)
        seen += batch.rows.tolist()
        assert batch.targets.tolist() == rows["item_id"][batch.rows].tolist()
        assert batch.users.tolist() == rows["user_id"][batch.rows].tolist()
        listed = interaction["item_id_list"][batch.entry, batch.position]
        last = rows["item_id_list"][batch.rows, rows["item_length"][batch.rows] - 1]
        assert listed.tolist() == last.tolist()
    assert sorted(seen) == list(range(len(rows)))
    assert len(rows) == len(run.train_data._dataset)


def test_a_part_of_a_batch_is_encoded_from_the_same_places():
    run = pieces()
    fit(run)
    batch = run.trainer.learner.batching.rows(next(iter(run.trainer._loader)))
    chosen = torch.arange(len(batch.rows)) % 7 == 3
    part = batch.select(chosen)
    lists = batch.interaction["item_id_list"], part.interaction["item_id_list"]
    assert part.rows.tolist() == batch.rows[chosen].tolist()
    assert torch.equal(
        lists[0][batch.entry, batch.position][chosen], lists[1][part.entry, part.position]
    )


def test_rows_in_another_order_have_no_windows():
    run = pieces()
    dataset = run.train_data._dataset
    assert find_windows(dataset) is not None
    dataset.inter_feat = dataset.inter_feat[torch.arange(len(dataset)).flip(0)]
    assert find_windows(dataset) is None
