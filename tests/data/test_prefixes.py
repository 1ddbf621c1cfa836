"""Rows cut on demand equal RecBole's, field by field."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from recbole.config import Config
from recbole.data.dataset import SequentialDataset

import recbole_fn
from recbole_fn.data.lists import Prefixes
from recbole_fn.data.loaders import dataset_of
from recbole_fn.data.prefixes import FNSequentialDataset, PrefixInteraction
from tests.helpers.runs import ON, SMALL, pieces

SPLITS = (
    {"split": {"LS": "valid_and_test"}, "order": "TO", "mode": "full"},
    {"split": {"RS": [0.8, 0.1, 0.1]}, "order": "TO", "group_by": "user", "mode": "full"},
    {"split": {"TS": [0.8, 0.1, 0.1]}, "order": "TO", "group_by": None, "mode": "full"},
)


def write_features(folder):
    """A data set with a feature of each kind."""
    columns = "user_id:token\titem_id:token\tprice:float\tkind:token\twords:token_seq"
    lines = [columns + "\ttimestamp:float"]
    for user in range(9):
        for time in range(3 + user):
            words = " ".join(f"w{(user + time + k) % 7}" for k in range(1 + time % 3))
            lines.append(
                f"u{user}\ti{(5 * user + time) % 23}\t{time}.5\tk{time % 2}\t{words}\t{time}"
            )
    (folder / "rich").mkdir()
    (folder / "rich" / "rich.inter").write_text("\n".join(lines) + "\n")


def both(folder, **keys):
    """RecBole's built data sets, and ours."""
    recbole_fn.register()
    base = {**SMALL, **ON, "data_path": str(folder), "MAX_ITEM_LIST_LENGTH": 4, **keys}
    config = Config("SASRec", "rich", config_dict=base)
    return SequentialDataset(config).build(), FNSequentialDataset(config).build()


def assert_same_rows(ours, theirs, index):
    actual, expected = ours[index], theirs[index]
    assert set(actual.interaction) == set(expected.interaction)
    for field, value in expected.interaction.items():
        assert actual[field].dtype == value.dtype, field
        assert torch.equal(actual[field], value), field


@pytest.mark.parametrize("eval_args", SPLITS)
def test_each_row_of_each_split_equals_recboles(eval_args, tmp_path):
    write_features(tmp_path)
    for theirs, ours in zip(*both(tmp_path, eval_args=eval_args), strict=False):
        assert isinstance(ours.inter_feat, PrefixInteraction)
        assert len(ours) == len(theirs) > 0
        assert_same_rows(ours, theirs, slice(None))
        assert_same_rows(ours, theirs, torch.arange(len(ours)).flip(0)[::2])
        assert_same_rows(ours, theirs, [0])
        assert ours.field2seqlen == theirs.field2seqlen


def test_what_recbole_asks_of_a_data_set_is_answered_alike(tmp_path):
    write_features(tmp_path)
    for theirs, ours in zip(*both(tmp_path), strict=False):
        assert (ours.inter_matrix() != theirs.inter_matrix()).nnz == 0
        assert ours.item_counter == theirs.item_counter
        for dataset in (theirs, ours):
            dataset.sort(by="item_id")
        assert_same_rows(ours, theirs, slice(None))
        assert ours.inter_feat.columns and "item_id_list" in ours.inter_feat
        assert torch.equal(ours.inter_feat["item_id_list"], theirs.inter_feat["item_id_list"])


@pytest.mark.slow
def test_columns_can_be_set_and_deleted(tmp_path):
    write_features(tmp_path)
    _, (ours, *_) = both(tmp_path)
    del ours.inter_feat["price_list"], ours.inter_feat["price"]
    assert "price_list" not in ours[[0]] and "price" not in ours[[0]]
    ours.inter_feat["item_id_list"] = torch.ones(len(ours), 2)
    assert ours[[0]]["item_id_list"].tolist() == [[1, 1]]


def test_training_uses_it_and_a_benchmark_file_is_read_as_it_is(tmp_path):
    assert isinstance(dataset_of(pieces().train_data), FNSequentialDataset)
    folder = tmp_path / "split"
    folder.mkdir()
    header = "user_id:token\titem_id:token\titem_id_list:token_seq\n"
    for part in ("train", "valid", "test"):
        rows = [
            f"u{u}\ti{(u + k) % 11}\ti{k} i{(k + u + 1) % 11}\n" for u in range(8) for k in (1, 4)
        ]
        (folder / f"split.{part}.inter").write_text(header + "".join(rows))
    run = pieces(
        dataset="split",
        data_path=str(tmp_path),
        benchmark_filename=["train", "valid", "test"],
        alias_of_item_id=["item_id_list"],
        MAX_ITEM_LIST_LENGTH=2,
        epochs=2,
    )
    run.trainer.fit(run.train_data, run.valid_data, verbose=False, saved=False)
    assert run.trainer.fn_step.batching.name == "prefix"
    assert run.trainer.fn_state.figures[1]["hard"] > 0


@given(st.lists(st.integers(1, 6), min_size=1, max_size=5), st.integers(1, 4), st.integers(0, 99))
def test_entries_are_those_of_the_lists(counts, width, seed):
    """Of users with so many interactions each, and of some of their rows."""
    users = torch.arange(len(counts)).repeat_interleave(torch.tensor(counts))
    place = torch.cat([torch.arange(count) for count in counts])
    chosen = torch.rand(len(users), generator=torch.Generator().manual_seed(seed)) < 0.6
    ends = (chosen & (place > 0)).nonzero().squeeze(1)
    lengths, items = place[ends].clamp(max=width), torch.arange(len(users)) % 7 + 1
    prefixes = Prefixes({"items": items}, ends, lengths, width)
    rows, values = prefixes.entries("items")
    lists = prefixes.cut("items").tolist()
    expected = {
        (int(users[end]), int(end - length) + k)
        for end, length in zip(ends, lengths, strict=True)
        for k in range(length)
    }
    assert len(values) == len(expected)
    assert sorted(zip(users[ends[rows]].tolist(), values.tolist(), strict=True)) == sorted(
        (user, int(items[at])) for user, at in expected
    )
    assert all(value in lists[row] for row, value in zip(rows, values.tolist(), strict=True))
