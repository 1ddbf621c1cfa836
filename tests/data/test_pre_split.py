"""Pre-split files of plain interactions: each history is that of a naive reader of the files."""

import random
from pathlib import Path

import pytest

import recbole_fn
from recbole_fn.data.loaders import dataset_of
from tests.helpers.runs import ON, SMALL, pieces

HEAD = "user_id:token\titem_id:token\ttimestamp:float\n"
PARTS = ("train", "valid", "test")
KEYS = {**SMALL, **ON, "data_path": "data", "benchmark_filename": list(PARTS), "topk": 2}
KEYS |= {"MAX_ITEM_LIST_LENGTH": 4, "valid_metric": "NDCG@2", "fn_neg_exclude": "target"}


def drawn(size, chance):
    """Interactions in no order, with ties in time."""
    users, items, times = range(9), range(20), range(12)
    return [tuple(map(chance.choice, (users, items, times))) for _ in range(size)]


@pytest.fixture
def parts(own_folder):
    chance, folder = random.Random(5), own_folder / "data" / "own"
    folder.mkdir(parents=True)
    made = [drawn(size, chance) for size in (90, 20, 20)]
    for name, rows in zip(PARTS, made):
        lines = "".join(f"u{user}\ti{item}\t{time}\n" for user, item, time in rows)
        (folder / f"own.{name}.inter").write_text(HEAD + lines)
    return made


def naive(parts):
    """For each part the user, the history of at most four items, and the target of each row."""
    histories, expected = {}, []
    for rows in parts:
        expected.append([])
        for user, item, _ in sorted(rows, key=lambda row: row[2]):
            history = histories.setdefault(f"u{user}", [])
            if history:
                expected[-1].append((f"u{user}", tuple(history[-4:]), f"i{item}"))
            history.append(f"i{item}")
    return [sorted(rows) for rows in expected]


def read(loader):
    dataset = dataset_of(loader)
    rows = dataset.inter_feat
    lists = zip(rows["user_id"], rows["item_id_list"], rows["item_length"], rows["item_id"])
    name = dataset.id2token
    return sorted(
        (name("user_id", u), tuple(name("item_id", items[:n])), name("item_id", target))
        for u, items, n, target in ((int(u), i.numpy(), int(n), int(t)) for u, i, n, t in lists)
    )


@pytest.mark.slow
@pytest.mark.parametrize("enabled", [True, False])
def test_histories_are_those_of_a_naive_reader(parts, enabled):
    run = pieces(dataset="own", **{**KEYS, "fn_enabled": enabled, "train_neg_sample_args": None})
    loaders = (run.train_data, run.valid_data, run.test_data)
    assert [read(loader) for loader in loaders] == naive(parts)


@pytest.mark.slow
def test_they_train_and_are_tested(parts):
    result = recbole_fn.run_recbole_fn("SASRec", "own", None, KEYS, saved=False)
    assert 0 < result["test_result"]["recall@2"] <= 1


@pytest.mark.parametrize("enabled", [True, False])
def test_parts_are_in_the_order_of_whole_nanoseconds(parts, enabled):
    folder = Path("data", "own")
    for name in PARTS:  # a float64 holds them in steps of 256
        path = folder / f"own.{name}.inter"
        head, *lines = path.read_text().splitlines()
        cells = [line.split("\t") for line in lines]
        rows = [f"{user}\t{item}\t{10**18 + int(time)}" for user, item, time in cells]
        path.write_text("\n".join([head, *rows]) + "\n")
    run = pieces(dataset="own", **{**KEYS, "fn_enabled": enabled, "train_neg_sample_args": None})
    assert [read(loader) for loader in (run.train_data, run.valid_data, run.test_data)] == naive(
        parts
    )
