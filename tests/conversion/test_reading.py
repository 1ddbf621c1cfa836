"""Lists in a parquet file become lists of an atomic file."""

import pandas as pd
import pytest
from recbole.config import Config
from recbole.data import create_dataset

import recbole_fn
from recbole_fn.conversion.convert import convert
from recbole_fn.utils.errors import InputError

TABLE = pd.DataFrame({"user": ["u1", "u1", "u2"], "item": ["a", "b", "a"], "time": [1, 2, 3]})


def _converted(own_folder, **columns):
    """The lines of the file, without users, items and times."""
    path = own_folder / "shop.parquet"
    TABLE.assign(**columns).to_parquet(path)
    (made,) = convert(path, "data", overwrite=True)
    return [line.split("\t", 3)[3] for line in made.path.read_text().splitlines()]


@pytest.mark.parametrize(
    ("name", "lists", "lines"),
    [
        ("tags", [["a", "b"], ["c"], []], ["tags:token_seq", "a b", "c", ""]),
        ("tags", [["Sci Fi"], ["War"], None], ["tags:token_seq", "Sci_Fi", "War", ""]),
        ("tags", [["a", None, "b"], None, None], ["tags:token_seq", "a b", "", ""]),
        ("groups", [[3, 5], [3], [None, 7]], ["groups:token_seq", "3 5", "3", "7"]),
        ("vector", [[0.5, 1], [2.0], []], ["vector:float_seq", "0.5 1.0", "2.0", ""]),
        ("tag_ids", [[0.5, 1], [2.0], []], ["tag_ids:token_seq", "0.5 1.0", "2.0", ""]),
        ("flags", [[True], [False], []], ["flags:token_seq", "True", "False", ""]),
    ],
)
def test_lists_become_lists(name, lists, lines, own_folder):
    assert _converted(own_folder, **{name: lists}) == lines


def test_recbole_reads_the_lists(own_folder):
    _converted(own_folder, tags=[["new", "on sale"], ["new"], []], size=[[0.5, 1], [2], []])
    recbole_fn.register()
    keys = {"data_path": "data", "load_col": None, "train_neg_sample_args": None}
    data = create_dataset(Config("GRU4Rec", "shop", config_dict=keys))
    assert {str(token) for token in data.field2id_token["tags"]} == {"[PAD]", "new", "on_sale"}
    assert data.field2type["size"].value == "float_seq"


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"tags": [["a|b"], ["c"], []]}, "in row 1 of tags the value"),
        ({"tags": [["a"], ["b"], None], "more": [{"x": 1}] * 3}, "in row 1 of more the value"),
        ({"tags": [[], [["a"]], []]}, "in row 2 of tags the value"),
        ({"item": [["a", "b"], ["c"], ["d"]]}, "has lists in item, the column of the item"),
        ({"tags": [["a\nb"], ["c"], ["d"]]}, "it must be a text without tabs and ends of lines"),
    ],
)
def test_what_has_no_place_in_an_atomic_file_is_refused(columns, words, own_folder):
    with pytest.raises(InputError) as error:
        _converted(own_folder, **columns)
    assert words in str(error.value) and not (own_folder / "data").exists()


def test_rows_are_counted_whatever_index_was_saved(own_folder):
    path = own_folder / "shop.parquet"
    TABLE.assign(time=["2024-01-02", "5 May 2024", "soon"]).set_axis([7, 7, 7]).to_parquet(path)
    with pytest.raises(InputError, match="1 wrong values in time, the first in row 3: 'soon'"):
        convert(path, "data")
