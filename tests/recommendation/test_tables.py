"""Tables of users, items and histories are read column by column."""

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
