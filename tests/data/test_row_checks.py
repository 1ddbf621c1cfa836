"""What RecBole would lose or replace is refused by its file, line and value."""

import re

import numpy as np
import pytest

import recbole_fn
from tests.data.test_time_order import HEAD, naive_leave_one_out, splits, tokens_of

ROWS = [f"u{u}\ti{(u + t) % 7}\t{t}\n" for u in range(6) for t in range(5)]
PARTS = ["train", "valid", "test"]
MISSING = ("NA", "null", "None", "nan", "N/A", "#N/A", "NULL", "n/a", "NaN", "-nan", "<NA>")


def write(folder, content, name="own.inter"):
    (folder / "own").mkdir(exist_ok=True)
    (folder / "own" / name).write_text(content, encoding="utf-8")


def assert_refused(folder, *words, **keys):
    with pytest.raises(recbole_fn.InputError) as caught:
        splits(folder, **keys)
    line = str(caught.value)
    assert "\n" not in line and all(word in line for word in words), line


@pytest.mark.slow
@pytest.mark.parametrize("word", MISSING)
@pytest.mark.parametrize("column", ["user_id", "item_id"])
def test_an_id_that_is_read_as_missing(word, column, tmp_path):
    row = f"{word}\ti1\t9\n" if column == "user_id" else f"u1\t{word}\t9\n"
    write(tmp_path, HEAD + "".join(ROWS) + "\n  \n" + row)
    assert_refused(tmp_path, "own.inter", "line 34 ", f"the {column} {word!r}")


@pytest.mark.slow
@pytest.mark.parametrize("value", ["", "NA", "2024-01-02", "inf", "12:30"])
def test_a_time_that_is_no_number(value, tmp_path):
    write(tmp_path, HEAD + "".join(ROWS) + f"u1\ti1\t{value}\n")
    assert_refused(tmp_path, "own.inter", "line 32 ", f"the timestamp {value!r}", "a number")


@pytest.mark.parametrize("column", ["timestamp:token", "user_id:float", "item_id:token_seq"])
def test_a_column_of_another_type(column, tmp_path):
    name = column.split(":")[0]
    write(tmp_path, re.sub(rf"{name}:\w+", column, HEAD) + "".join(ROWS))
    assert_refused(tmp_path, "own.inter", "line 1 ", repr(column))


def test_a_byte_order_mark_needs_its_encoding(tmp_path):
    write(tmp_path, "\ufeff" + HEAD + "".join(ROWS))
    assert_refused(tmp_path, "own.inter", "byte-order mark", "'utf-8-sig'")
    assert len(splits(tmp_path, encoding="utf-8-sig")[2]) == 6
    write(tmp_path, HEAD + "".join(ROWS))
    write(tmp_path, "\ufeffitem_id:token\tkind:token\ni1\tk\n", "own.item")
    assert_refused(tmp_path, "own.item", "byte-order mark")


def test_rows_longer_than_the_header_would_move_each_column(tmp_path):
    write(tmp_path, HEAD + "".join(row.replace("\n", "\t\n") for row in ROWS))
    assert_refused(tmp_path, "own.inter", "4 fields in line 2", "must have 3")
    write(tmp_path, HEAD + "".join(ROWS))
    write(tmp_path, "item_id:token\tkind:token\ni1\tk\t\ni2\tk\t\n", "own.item")
    assert_refused(tmp_path, "own.item", "3 fields in line 2", "must have 2")


@pytest.mark.slow
def test_an_empty_item_is_dropped_as_by_recbole_unless_users_are_empty_too(tmp_path):
    write(tmp_path, HEAD + "".join(ROWS) + "u1\t\t9\n")
    assert sum(map(len, splits(tmp_path))) == len(ROWS) - 6
    write(tmp_path, HEAD + "\ti1\t9\n" + "".join(ROWS) + "u1\t\t9\n")
    assert_refused(tmp_path, "line 2 ", "user_id ''")


def parts(folder, target="i3", head="user_id:token\titem_id:token\titem_id_list:token_seq\n"):
    for part in PARTS:
        rows = [f"u{n}\ti{n % 5}\ti{(n + 1) % 5} i{(n + 2) % 5}\n" for n in range(9)]
        write(folder, head + "".join(rows) + f"u1\t{target}\ti1 i2\n", f"own.{part}.inter")


def test_lists_of_parts_share_the_items_of_their_targets(tmp_path):
    parts(tmp_path)
    assert_refused(tmp_path, "alias_of_item_id", "'item_id_list'", benchmark_filename=PARTS)
    keys = {"benchmark_filename": PARTS, "alias_of_item_id": ["item_id_list"]}
    first = splits(tmp_path, **keys)[0]
    tokens = first.field2id_token["item_id"]
    rows = first[slice(None)]
    assert list(tokens[rows["item_id_list"][0]]) == ["i1", "i2"]
    assert tokens[rows["item_id"][0]] == "i0"
    parts(tmp_path, target="")
    assert_refused(tmp_path, "own.train.inter", "line 11 ", "item_id ''", **keys)


ODDITIES = ["", "", "", "NA", "null", " x", "''", "né", "1e5", "0", "01", "-", "None "]
TIMES = {
    "seconds": lambda t: str(1_700_000_000 + t),
    "nanoseconds": lambda t: str(1_700_000_000_000_000_000 + t),
    "fractions": lambda t: f"17000000.12{t:05d}",
    "small": str,
    "normalized": lambda t: str(1_600_000_000_000 + 7 * t),
}
WRONG_TIMES = ["", "null", "2024-01-02", "nan"]


def made_up(random):
    """The text of a file, its rows, and the number of the first line that is wrong, or 0."""
    as_text = TIMES[str(random.choice(list(TIMES)))]
    odd = str(random.choice(ODDITIES)) or "plain"
    lines, rows, wrong = [], [], 0
    for number in range(2, 2 + int(random.integers(20, 60))):
        user, item = f"u{random.integers(5)}", f"i{random.integers(12)}"
        step, time = int(random.integers(40)), ""
        if random.random() < 0.1:
            user, item = (odd, item) if random.random() < 0.5 else (user, odd)
        time = as_text(step)
        if random.random() < 0.002:
            time = str(random.choice(WRONG_TIMES))
        if not wrong and ({user, item} & {"NA", "null"} or time in WRONG_TIMES):
            wrong = number
        lines.append(f"{user}\t{item}\t{time}\n")
        rows.append((user, item, step))
    return HEAD + "".join(lines), rows, wrong


def assert_read_or_refused(folder, seed):
    content, rows, wrong = made_up(np.random.default_rng(seed))
    write(folder, content)
    keys = {"normalize_all": True} if seed % 3 == 0 else {}
    if wrong:
        assert_refused(folder, "own.inter", " in line ", "it must be ", **keys)
        return
    for split, expected in zip(splits(folder, **keys), naive_leave_one_out(rows), strict=True):
        assert sorted(tokens_of(split)) == sorted(expected), seed


@pytest.mark.slow
@pytest.mark.parametrize("first", [0])
def test_made_up_data_sets_equal_a_naive_reader_or_are_refused(first, tmp_path):
    for seed in range(first, first + 20):
        assert_read_or_refused(tmp_path, seed)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 1500, 100))
def test_more_made_up_data_sets(first, tmp_path):
    for seed in range(first, first + 100):
        assert_read_or_refused(tmp_path, seed)
