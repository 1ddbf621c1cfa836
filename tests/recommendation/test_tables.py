"""Tables of users, items and histories are read column by column."""

from typing import Any

import pandas as pd
import pytest

from recbole_fn.recommendation.tables import Fields, read_table
from recbole_fn.utils.errors import InputError

FIELDS = Fields("user_id", "item_id", "timestamp")


def _read(own_folder, text):
    (own_folder / "seen.csv").write_text(text)
    return read_table("seen.csv", FIELDS, ["user_id", "item_id"], "histories")


def test_a_comma_that_ends_each_line_moves_no_value(own_folder):
    table = _read(own_folder, "user,item,timestamp\n07,pen,1,\n8,cup,2,\n")
    assert table.to_dict("list") == {
        "user_id": ["07", "8"],
        "item_id": ["pen", "cup"],
        "timestamp": ["1", "2"],
    }


def test_a_line_with_more_values_than_the_header_is_named(own_folder):
    with pytest.raises(InputError, match="'seen.csv' has 3 fields in line 2, '07,pen,1'; it must"):
        _read(own_folder, "user,item\n07,pen,1\n8,cup,2\n")


@pytest.mark.parametrize("lines", ["u,i1\n,i2\nu,i3\n,i4\n", "u,i1\nu,\n,i3\n"])
def test_an_empty_value_of_a_file_is_missing_as_in_a_frame(own_folder, lines):
    with pytest.raises(InputError, match="'seen.csv' has 2 rows without user_id or item_id, the f"):
        _read(own_folder, f"user,item\n{lines}")
    frame = pd.read_csv("seen.csv")
    with pytest.raises(InputError, match="tory has 2 rows without user_id or item_id, .* in row 2"):
        read_table(frame, FIELDS, ["user_id", "item_id"], "history")


def test_a_column_that_may_be_there_is_read_like_one_that_must(own_folder):
    also = {"also": ["user_id"]}
    only_items = pd.DataFrame({"item": [1, 2]})
    table = read_table(only_items, FIELDS, ["item_id"], "exclude", **also)
    assert table.to_dict("list") == {"item_id": ["1", "2"]}
    pairs = pd.DataFrame({"user": [7, 8], "item": [1, 2]})
    assert list(read_table(pairs, FIELDS, ["item_id"], "exclude", **also)["user_id"]) == [*"78"]
    (own_folder / "pairs.csv").write_text("user,item\n,i1\n")
    with pytest.raises(InputError, match="'pairs.csv' has 1 rows without item_id or user_id"):
        read_table("pairs.csv", FIELDS, ["item_id"], "exclude", **also)


def test_what_is_no_table_is_named():
    wrong: Any = 5
    with pytest.raises(InputError, match="^users is 5; it must be a file, a frame or a list$"):
        read_table(wrong, FIELDS, ["user_id"], "users")


@pytest.mark.parametrize("items", ["i7", None, 7])
def test_a_history_that_is_no_list_is_named(items):
    message = f"^histories\\['b'\\] is {items!r}; it must be a list of items$"
    with pytest.raises(InputError, match=message):
        read_table({"a": ["i1"], "b": items}, FIELDS, ["user_id", "item_id"], "histories")
