"""Each value of a csv file is in its own column, however long its line is."""

import csv
import random

import pytest

from recbole_fn.utils.errors import InputError
from recbole_fn.utils.separated import read_separated

HEADER = "user,item,price\n"


@pytest.mark.parametrize(
    "lines",
    [
        "007,pen,1.50,\n8,cup,2,\n",  # a comma ends each line
        "007,pen,1.50,,\n8,cup,2\n",  # the first only
        "007,pen,1.50\n8,cup,2,,\n",  # the last only
        "007,pen,1.50\n8,cup,2\n",
        '\n007,"pen",1.50,""\n\n8,cup,2,\n',
    ],
)
def test_empty_surplus_fields_are_left_out(lines, own_folder):
    (own_folder / "a.csv").write_text(HEADER + lines, encoding="utf-8-sig")
    table = read_separated("a.csv", ",")
    expected = {"user": ["007", "8"], "item": ["pen", "cup"], "price": ["1.50", "2"]}
    assert table.to_dict("list") == expected


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("1,pen,2,3\n", "has 4 fields in line 2, '1,pen,2,3'; it must have 3, as the header has"),
        ("1,pen,2,\n\n1,pen,2,,5\n", "has 5 fields in line 4, '1,pen,2,,5'"),
        ('1,"a\nb",2\n1,pen,2,0\n', "has 4 fields in line 4, '1,pen,2,0'"),
    ],
)
def test_surplus_values_are_refused_with_their_line(lines, words, own_folder):
    (own_folder / "a.csv").write_text(HEADER + lines)
    with pytest.raises(InputError, match="'a.csv' has") as error:
        read_separated("a.csv", ",")
    assert words in str(error.value)


def test_a_table_without_rows_or_with_an_open_quote_is_told_apart(own_folder):
    (own_folder / "a.csv").write_text(HEADER)
    assert read_separated("a.csv", ",").shape == (0, 3)
    (own_folder / "a.csv").write_text(HEADER + '1,"pen,2,3\n')
    with pytest.raises(ValueError, match="EOF inside string"):
        read_separated("a.csv", ",")


def test_random_tables_are_read_as_by_a_loop(own_folder):
    draw = random.Random(3)
    for _ in range(50):
        rows = [[draw.choice(["0", "x", '"q"', "a,b"]) for _ in range(3)] for _ in range(4)]
        with open("a.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["a", "b", "c"])
            writer.writerows(row + [""] * draw.randrange(3) for row in rows)
        assert read_separated("a.csv", ",").to_numpy().tolist() == rows
