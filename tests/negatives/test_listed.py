"""A user's own negatives: which are taken, with what chances, from a file or a column."""

import tempfile
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from recbole_fn.negatives import ListedSampler
from recbole_fn.utils.errors import InputError
from tests.helpers.runs import fit, pieces
from tests.helpers.sampling import all_rows, context_of

ITEMS = 14
KNOWN = {1: {1, 4}, 2: {1, 2}, 3: {1, 2, 3, 5}, 4: {9}}


def write(path, pairs, header="user_id:token\titem_id:token"):
    path.write_text("\n".join([header, *(f"{u}\t{i}" for u, i in pairs)]) + "\n")
    return str(path)


def listed(context, path):
    return ListedSampler(context, ListedSampler.Args(file=path))


@pytest.mark.slow
@given(
    st.dictionaries(st.integers(1, 4), st.sets(st.integers(1, ITEMS - 1), min_size=1), min_size=1),
    st.integers(1, 16),
)
@settings(max_examples=40, deadline=None)
def test_slots_masks_and_chances_are_those_of_a_loop(lists, num):
    context = context_of(KNOWN, ITEMS)
    with tempfile.TemporaryDirectory() as folder:
        pairs = [(f"u{user}", f"i{item}") for user, items in lists.items() for item in items]
        sampler = listed(context, write(Path(folder) / "own.tsv", pairs, "user\titem:token"))
    rows = all_rows(context)
    negatives = sampler.sample(rows, num, None)
    log_q = sampler.log_q(rows, negatives)
    for row, user in enumerate(rows.users.tolist()):
        own = lists.get(user, set())
        taken = min(len(own), num)
        drawn, last = (
            negatives.items[row].tolist()[part]
            for part in (slice(num - taken), slice(num - taken, num))
        )
        assert set(last) <= own and len(set(last)) == taken
        for slot, item in enumerate(drawn + last):
            is_listed = slot >= num - taken
            expected = item not in KNOWN[user] if is_listed else item not in last
            assert bool(negatives.valid[row, slot]) is expected
            uniform = (num - taken) / (ITEMS - 1 - len(KNOWN[user]))
            chance = taken / len(own) if is_listed else uniform
            assert log_q[row, slot].exp().item() == pytest.approx(chance, rel=1e-5)


def test_items_of_a_long_list_are_equally_likely(tmp_path):
    context = context_of({1: {1}}, ITEMS)
    path = write(
        tmp_path / "own.tsv", [("u1", " ".join(f"i{n}" for n in range(2, 12)))], "user\titem"
    )
    items = listed(context, path).sample(all_rows(context, 4000), 3, None).items
    counts = torch.bincount(items.flatten(), minlength=ITEMS)[2:12]
    assert chisquare(counts.numpy()).pvalue > 1e-4 and int(counts.sum()) == items.numel()


def test_unknown_users_and_items_are_counted(tmp_path, caplog):
    pairs = [("u1", "i2"), ("nobody", "i2"), ("u1", "gone"), ("u2", "gone"), ("u2", "lost")]
    listed(context_of(KNOWN, ITEMS), write(tmp_path / "own.tsv", pairs, "user\titem"))
    assert (
        "1 unknown of user, the first 'nobody'; 2 unknown of item, the first 'gone'" in caplog.text
    )
    with pytest.raises(
        InputError, match="no negative of a user in training: 1 unknown of user, .*"
    ):
        listed(context_of(KNOWN, ITEMS), write(tmp_path / "none.tsv", pairs[1:2], "user\titem"))


def test_bad_files_and_arguments_are_named(tmp_path):
    context = context_of(KNOWN, ITEMS)
    for args in ({}, {"file": "a", "column": "b"}):
        with pytest.raises(InputError, match="it must be one of them, and not both"):
            ListedSampler(context, ListedSampler.Args(**args))
    with pytest.raises(InputError, match="file is 'none.tsv'; it must be a file"):
        listed(context, "none.tsv")
    with pytest.raises(InputError, match="has the columns user, thing; it must have user and item"):
        listed(context, write(tmp_path / "own.tsv", [("u1", "i2")], "user\tthing"))
    with pytest.raises(InputError, match=r"has 3 fields in line 2, 'u1\\ti2\\ti3'; it must have 2"):
        listed(context, write(tmp_path / "own.tsv", [("u1", "i2\ti3")], "user\titem"))
    with pytest.raises(InputError, match="column is 'shown'; it must be one of token or token_seq"):
        ListedSampler(context, ListedSampler.Args(column="shown"))


def data_set(folder):
    """Walks around a circle of 20 items, beside each the items that are 7 and 8 further on."""
    (folder / "walks").mkdir()
    lines = ["user_id:token\titem_id:token\ttimestamp:float\tshown:token_seq"]
    for user in range(12):
        for time in range(8):
            at = (3 * user + time) % 20
            lines.append(f"u{user}\ti{at}\t{time}\ti{(at + 7) % 20} i{(at + 8) % 20} other")
    (folder / "walks" / "walks.inter").write_text("\n".join(lines) + "\n")
    return {"dataset": "walks", "data_path": str(folder)}


@pytest.mark.parametrize("batching", ["prefix", "sequence"])
def test_a_column_lists_negatives_of_each_row(tmp_path, caplog, batching):
    keys = {"fn_sampler": "listed", "fn_sampler_args": {"column": "shown"}, "fn_batching": batching}
    run = pieces(**data_set(tmp_path), **keys, fn_neg_num=6, epochs=1)
    loader = run.trainer.fn_prepare(run.train_data)
    assert "column 'shown' has 1 unknown of item_id, the first 'other'" in caplog.text
    rows = run.trainer.fn_step.batching.rows(next(iter(loader)))
    negatives = run.trainer.fn_step.sampler.sample(rows, 6, None)
    tokens = run.dataset.field2id_token["item_id"]
    for row, target in enumerate(rows.targets.tolist()):
        at = int(tokens[target][1:])
        expected = {f"i{(at + 7) % 20}", f"i{(at + 8) % 20}"}
        assert {tokens[item] for item in negatives.items[row, 4:].tolist()} == expected
    fit(run)
