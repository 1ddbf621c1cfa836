"""Windows cover each row once and hold what the rows hold."""

import random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from recbole.data.interaction import Interaction

from recbole_fn.data.batching import WindowBatching
from recbole_fn.data.loaders import ROW_FIELD, dataset_of, sampler_of
from recbole_fn.data.windows import find_windows, plan_windows
from tests.helpers.runs import NO_DROPOUT, fit, pieces


@st.composite
def widths_and_strides(draw):
    width = draw(st.integers(1, 5))
    return width, draw(st.integers(1, width))


@pytest.mark.slow
@given(st.lists(st.integers(1, 14), min_size=1, max_size=8), widths_and_strides())
@settings(max_examples=200, deadline=None)
def test_each_row_lies_in_one_window_of_its_user(rows_each, width_and_stride):
    max_length, stride = width_and_stride
    users = torch.repeat_interleave(torch.arange(len(rows_each)), torch.tensor(rows_each))
    windows = plan_windows(users, max_length, stride)
    covered = []
    for anchor, num_rows in zip(windows.anchors.tolist(), windows.num_rows.tolist(), strict=False):
        assert 1 <= num_rows <= max_length
        rows = range(anchor - num_rows + 1, anchor + 1)
        assert {users[row].item() for row in rows} == {users[anchor].item()}
        covered += rows
    assert covered == list(range(len(users)))


@given(st.integers(1, 30), widths_and_strides())
@settings(max_examples=200, deadline=None)
def test_a_row_belongs_to_the_first_window_that_can_hold_it(num_rows, width_and_stride):
    max_length, stride = width_and_stride
    windows = plan_windows(torch.zeros(num_rows), max_length, stride)
    ends = [*range(max_length, num_rows, stride), num_rows]  # rows before the end of each window
    assert windows.anchors.tolist() == [end - 1 for end in ends]
    for row in range(num_rows):
        end = next(end for end in ends if row < end)
        covering = torch.searchsorted(windows.anchors, row)
        assert windows.anchors[covering] == end - 1
        seen = max_length - (end - 1 - row) if end > max_length else row + 1
        assert seen >= min(row + 1, max_length - stride + 1)


@pytest.mark.slow
@pytest.mark.parametrize("stride", [None, 1, 2, 4, 5])
def test_an_epoch_of_windows_visits_each_row_once_with_its_own_history(stride):
    run = pieces(MAX_ITEM_LIST_LENGTH=5, fn_start=1000, epochs=1, fn_window_stride=stride)
    fit(run)
    assert isinstance(run.trainer.fn_step.batching, WindowBatching)
    rows = dataset_of(run.train_data).inter_feat
    lists, lengths = rows["item_id_list"], rows["item_length"]
    seen, shortest = [], 5
    for interaction in run.trainer.fn_loader:
        batch = run.trainer.fn_step.batching.rows(interaction)
        seen += batch.rows.tolist()
        assert batch.targets.tolist() == rows["item_id"][batch.rows].tolist()
        assert batch.users.tolist() == rows["user_id"][batch.rows].tolist()
        for row, entry, position in zip(batch.rows, batch.entry, batch.position, strict=False):
            context = interaction["item_id_list"][entry, : position + 1]
            alone = lists[row, : lengths[row]]
            assert torch.equal(context, alone[len(alone) - len(context) :])
            if lengths[row] == 5:
                shortest = min(shortest, len(context))
    assert sorted(seen) == list(range(len(rows)))
    assert shortest == 5 - (stride or 5) + 1
    assert len(rows) == len(dataset_of(run.train_data))


@pytest.mark.parametrize("model", ["SASRec", "GRU4Rec"])
def test_a_stride_of_one_scores_each_row_as_recbole_scores_its_prefix(model):
    run = pieces(model, MAX_ITEM_LIST_LENGTH=5, fn_window_stride=1, epochs=1, **NO_DROPOUT)
    fit(run)
    learner, rows = run.trainer.fn_step, dataset_of(run.train_data).inter_feat
    run.model.eval()
    for interaction in run.trainer.fn_loader:
        batch = learner.batching.rows(interaction)
        items = torch.arange(1, run.dataset.item_num).repeat(len(batch.rows), 1)
        ours = learner.scorer.encode(run.model, batch).score(items)
        theirs = run.model.full_sort_predict(rows[batch.rows])[:, 1:]
        assert theirs.std() > 1e-3
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)


@pytest.mark.slow
def test_a_stride_of_one_trains_as_prefixes_do():
    keys = {"MAX_ITEM_LIST_LENGTH": 5, "train_batch_size": 10**6, "epochs": 3, **NO_DROPOUT}
    stride = pieces(fn_batching="sequence", fn_window_stride=1, fn_start=1000, **keys)
    prefix = pieces(fn_batching="prefix", fn_start=1000, **keys)
    wide = pieces(fn_batching="sequence", fn_start=1000, **keys)
    for run in (stride, prefix, wide):
        # One set of negatives for all rows, as the rows come in another order.
        sampler_of(run.train_data).draw = lambda users, *_: torch.arange(1, 9).repeat(len(users), 1)
        fit(run)
    losses = [list(run.trainer.train_loss_dict.values()) for run in (stride, prefix, wide)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    assert losses[2] != pytest.approx(losses[1], rel=1e-4)


def test_a_part_of_a_batch_is_encoded_from_the_same_places():
    run = pieces()
    fit(run)
    batch = run.trainer.fn_step.batching.rows(next(iter(run.trainer.fn_loader)))
    chosen = torch.arange(len(batch.rows)) % 7 == 3
    part = batch.select(chosen)
    lists = batch.interaction["item_id_list"], part.interaction["item_id_list"]
    assert part.rows.tolist() == batch.rows[chosen].tolist()
    assert torch.equal(
        lists[0][batch.entry, batch.position][chosen], lists[1][part.entry, part.position]
    )


@pytest.mark.slow
@pytest.mark.parametrize("chunk", [100_000, 7])
def test_rows_in_another_order_have_no_windows(chunk, monkeypatch):
    monkeypatch.setattr("recbole_fn.data.windows._CHUNK", chunk)
    run = pieces()
    dataset = dataset_of(run.train_data)
    assert find_windows(dataset) is not None
    if chunk == 7:  # only the last window is wrong
        order = torch.arange(len(dataset))
        order[-2:] = order[-2:].flip(0)
        dataset.inter_feat = dataset.inter_feat[order]
        assert find_windows(dataset) is None
        dataset.inter_feat = dataset.inter_feat[order]
        assert find_windows(dataset) is not None
    dataset.inter_feat = dataset.inter_feat[torch.arange(len(dataset)).flip(0)]
    assert find_windows(dataset) is None


class _Batches:
    """Contexts of the rows in windows, and the rows' own histories."""

    def __init__(self, run, stride):
        self.dataset = dataset_of(run.train_data)
        self.windows = find_windows(self.dataset, stride)
        batching = WindowBatching(self.dataset, False, self.windows, torch.device("cpu"))
        self.entries = self.dataset[self.windows.anchors]
        self.entries.update(Interaction({ROW_FIELD: self.windows.anchors}))
        self.batch = batching.rows(self.entries)

    def __iter__(self):
        """For each row its context and its own history."""
        rows, batch = self.dataset[:], self.batch
        assert sorted(batch.rows.tolist()) == list(range(len(self.dataset)))
        assert batch.targets.tolist() == rows["item_id"][batch.rows].tolist()
        for row, entry, place in zip(batch.rows, batch.entry, batch.position, strict=True):
            own = rows["item_id_list"][row, : rows["item_length"][row]]
            yield self.entries["item_id_list"][entry, : place + 1].tolist(), own.tolist()


def of_sessions(folder):
    """One file of users who act ten times in a row, in turns."""
    chance, lines = random.Random(1), []
    for time in range(240):
        lines.append(f"u{time // 10 % 6}\ti{chance.randrange(30)}\t{time}\n")
    (folder / "w.inter").write_text(
        "user_id:token\titem_id:token\ttimestamp:float\n" + "".join(lines)
    )
    split = {"split": {"RS": [0.8, 0.1, 0.1]}, "group_by": None, "order": "TO", "mode": "full"}
    return {"eval_args": split}


def of_parts(folder, listed=lambda items: items[-8:]):
    """Pre-split files with lists, of the rows from each user's tenth item on."""
    chance = random.Random(0)
    parts = {part: [] for part in ("train", "valid", "test")}
    for user in range(8):
        items = [f"i{chance.randrange(30)}" for _ in range(30)]
        for k in range(10, 30):
            part = "train" if k < 28 else "valid" if k == 28 else "test"
            history = " ".join(listed(items[:k]))
            parts[part].append(f"u{user}\t{history}\t{items[k]}\t{k}\n")
    for part, lines in parts.items():
        head = "user_id:token\titem_id_list:token_seq\titem_id:token\ttimestamp:float\n"
        (folder / f"w.{part}.inter").write_text(head + "".join(lines))
    return {"benchmark_filename": list(parts), "alias_of_item_id": ["item_id_list"]}


@pytest.mark.parametrize("stride", [None, 1, 3])
@pytest.mark.parametrize("made", [of_sessions, of_parts])
def test_rows_from_the_middle_of_a_history_see_enough_of_it(made, stride, tmp_path):
    (tmp_path / "w").mkdir()
    keys = {"dataset": "w", "data_path": str(tmp_path), "fn_neg_exclude": "target"}
    run = pieces(MAX_ITEM_LIST_LENGTH=8, **keys, **made(tmp_path / "w"))
    batches = _Batches(run, stride)
    for context, own in batches:
        assert context == own[len(own) - len(context) :]
        assert len(context) >= min(len(own), 8 - (stride or 8) + 1)
    assert stride == 1 or len(batches.windows) < len(batches.dataset)


def test_lists_of_files_that_do_not_follow_one_another_have_no_windows(tmp_path):
    (tmp_path / "w").mkdir()

    def with_an_odd_one(items):
        return [items[len(items) % 5], *items[-3:]]

    keys = {"dataset": "w", "data_path": str(tmp_path), "fn_neg_exclude": "target"}
    run = pieces(MAX_ITEM_LIST_LENGTH=8, **keys, **of_parts(tmp_path / "w", with_an_odd_one))
    assert find_windows(dataset_of(run.train_data)) is None
