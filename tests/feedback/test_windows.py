"""Rows with histories of all kinds are encoded in one pass, each at its own place."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_fn.data.batching import PrefixBatching, WindowBatching
from recbole_fn.data.loaders import dataset_of, sampler_of
from recbole_fn.data.windows import find_windows, plan_windows, plan_windows_of_some
from tests.feedback.made_up import built, lines, write
from tests.helpers.runs import NO_DROPOUT, fit

SETTINGS = [
    ("exclude", "all"),
    ("exclude", "typed"),
    ("negative", "typed"),
    ("ignore", "positive"),
    ("ignore", "typed"),
]


@st.composite
def rows_with_gaps(draw):
    """Users, and how many items each row's user has had: rising, with gaps and repetitions."""
    users, seen = [], []
    for user in range(1, draw(st.integers(1, 4)) + 1):
        steps = draw(st.lists(st.integers(0, 4), min_size=1, max_size=12))
        before = 1
        for step in steps:
            before += step
            users.append(user)
            seen.append(before)
    return torch.tensor(users), torch.tensor(seen)


@pytest.mark.slow
@given(rows_with_gaps(), st.integers(1, 5), st.data())
@settings(max_examples=200, deadline=None)
def test_each_row_sees_enough_of_its_history(rows, width, data):
    (users, seen), stride = rows, data.draw(st.integers(1, width))
    windows, covered = plan_windows_of_some(users, seen, width, stride), []
    for anchor, number in zip(windows.anchors.tolist(), windows.num_rows.tolist(), strict=True):
        for row in range(anchor - number + 1, anchor + 1):
            assert users[row] == users[anchor]
            back = int(seen[anchor] - seen[row])
            assert windows.back[row] == back
            shown = min(int(seen[anchor]), width) - back
            whole = int(seen[anchor]) <= width
            assert shown == seen[row] if whole else shown >= width - stride + 1
            covered.append(row)
    assert covered == list(range(len(users)))


@given(st.lists(st.integers(1, 14), min_size=1, max_size=6), st.integers(1, 5), st.data())
@settings(max_examples=100, deadline=None)
def test_without_gaps_windows_are_those_of_all_items(rows_each, width, data):
    stride = data.draw(st.integers(1, width))
    users = torch.repeat_interleave(torch.arange(len(rows_each)), torch.tensor(rows_each))
    seen = torch.cat([torch.arange(1, number + 1) for number in rows_each])
    ours = plan_windows_of_some(users, seen, width, stride)
    plain = plan_windows(users, width, stride)
    assert torch.equal(ours.anchors, plain.anchors) and torch.equal(ours.num_rows, plain.num_rows)


@pytest.mark.slow
@pytest.mark.parametrize("stride", [None, 1])
@pytest.mark.parametrize(("targets", "inputs"), SETTINGS)
def test_an_epoch_visits_each_row_with_its_own_history(targets, inputs, stride, tmp_path):
    write(tmp_path, lines(80, users=30))
    keys = {"fn_feedback_targets": targets, "fn_feedback_inputs": inputs, "epochs": 1}
    run = built(tmp_path, fn_start=9, fn_window_stride=stride, **keys)
    fit(run)
    step, rows = run.trainer.fn_step, dataset_of(run.train_data)[:]
    assert isinstance(step.batching, WindowBatching)
    seen, shared = [], 0
    for interaction in run.trainer.fn_loader:
        batch = step.batching.rows(interaction)
        seen += batch.rows.tolist()
        shared += len(batch.rows) - len(interaction)
        assert torch.equal(batch.targets, rows["item_id"][batch.rows])
        assert torch.equal(batch.users, rows["user_id"][batch.rows])
        for row, entry, position in zip(batch.rows, batch.entry, batch.position, strict=True):
            length = int(rows["item_length"][row])
            for name in ("item_id_list", "fn_kind_list"):
                context = batch.interaction[name][entry, : position + 1]
                alone = rows[name][row, :length]
                assert torch.equal(context, alone[len(alone) - len(context) :])
            assert stride is None or position + 1 == length
    assert sorted(seen) == list(range(len(rows))) and shared > 0
    assert (step.batching.windows.back is None) == ((targets, inputs) == ("ignore", "typed"))


@pytest.mark.slow
@pytest.mark.parametrize("model", ["SASRec", "GRU4Rec"])
@pytest.mark.parametrize(("targets", "inputs"), [("negative", "typed"), ("exclude", "all")])
def test_losses_are_those_of_rows_one_by_one(targets, inputs, model, tmp_path):
    write(tmp_path, lines(81, users=30))
    keys = {"fn_feedback_targets": targets, "fn_feedback_inputs": inputs, "fn_start": 1000}
    keys |= {"train_batch_size": 10**6, "fn_window_stride": 1, "fn_real_negatives": 3}
    losses = []
    for batching in ("sequence", "prefix"):
        run = built(tmp_path, model, fn_batching=batching, **keys, **NO_DROPOUT)
        # One set of negatives for all rows, as the rows come in another order.
        sampler_of(run.train_data).draw = lambda users, *_: torch.arange(1, 9).repeat(len(users), 1)
        fit(run)
        way = WindowBatching if batching == "sequence" else PrefixBatching
        assert type(run.trainer.fn_step.batching) is way
        losses.append(list(run.trainer.train_loss_dict.values()))
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


@pytest.mark.parametrize("stride", [None, 1])
def test_what_was_disliked_before_the_first_row_counts_as_history(stride, tmp_path):
    ratings = ["1", "2", "1", *["5"] * 12]
    rated = [
        (f"u{user}", f"i{(4 * user + n) % 19}", rating, n)
        for user in range(6)
        for n, rating in enumerate(ratings)
    ]
    write(tmp_path, rated)
    run = built(tmp_path, fn_feedback_targets="exclude", fn_feedback_inputs="all")
    dataset = dataset_of(run.train_data)
    windows, rows = find_windows(dataset, stride), dataset[:]
    assert windows.back is None  # every interaction after a user's first row is one
    shortest = 6
    for anchor, number in zip(windows.anchors.tolist(), windows.num_rows.tolist(), strict=True):
        for row in range(anchor - number + 1, anchor + 1):
            context = int(rows["item_length"][anchor]) - (anchor - row)
            assert context == rows["item_length"][row] or context >= 6 - (stride or 6) + 1
            assert int(rows["item_length"][row]) == 6 or int(rows["item_length"][row]) == context
            shortest = min(shortest, context)
    assert shortest == (4 if stride == 1 else 1)
