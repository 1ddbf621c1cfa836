"""Conditions: values that no item has are told, quotes are kept, the run's encoding is used."""

from types import SimpleNamespace

import numpy as np
import pytest

import recbole_fn
from recbole_fn.recommendation import recommend
from recbole_fn.recommendation.conditions import parse, where_mask

_TITLES = ("'Til There", "Drivin'")
ROWS = [(f"i{n}", _TITLES[n % 2], ("War", "Comedy")[n % 3 > 0], str(n)) for n in range(9)]
HEADER = ("item_id:token", "title:token_seq", "genre:token", "price:float")


def loaded_of(folder, encoding=None, written="utf-8", rows=ROWS):
    """What a condition reads of a model: its config and the names of its items."""
    lines = ["\t".join(row) for row in (HEADER, *rows)]
    (folder / "tiny.item").write_text("\n".join(lines) + "\n", encoding=written)
    config = {"data_path": str(folder), "dataset": "tiny", "encoding": encoding}
    config |= {"field_separator": "\t", "seq_separator": " "}
    tokens = np.array(["[PAD]", *(row[0] for row in ROWS)], dtype=object)
    dataset = SimpleNamespace(iid_field="item_id", item_num=len(tokens))
    return SimpleNamespace(config=config, dataset=dataset, item_tokens=tokens)


def items_of(loaded, text):
    return set(loaded.item_tokens[where_mask(loaded, text).numpy()])


def naive(keeps):
    return {row[0] for row in ROWS if keeps(dict(zip(HEADER, row, strict=True)))}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("genre == comedy", "no item has the genre 'comedy', the nearest is 'Comedy'"),
        ("title == drivin", "no item has the title 'drivin', the nearest is"),
        ("price > 1e9", "where is 'price > 1e9', which no item satisfies; it must leave"),
        ("genre == War and price > 7", "which no item satisfies; it must leave at least one item"),
    ],
)
def test_conditions_that_no_item_satisfies_are_refused(tmp_path, text, words):
    with pytest.raises(recbole_fn.InputError) as error:
        where_mask(loaded_of(tmp_path), text)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("genre != comedy", "no item has the genre 'comedy', the nearest is 'Comedy'"),
        ("title != Driven'", None),
        ('title != "Driven\'"', 'no item has the title "Driven\'", the nearest is "Drivin\'"'),
    ],
)
def test_a_value_that_no_item_has_is_warned_of(tmp_path, caplog, text, words):
    loaded = loaded_of(tmp_path)
    if words is None:
        with pytest.raises(recbole_fn.InputError, match="it must be FEATURE SIGN VALUE"):
            where_mask(loaded, text)
        return
    assert items_of(loaded, text) == naive(lambda row: True)
    assert words in caplog.text


def test_values_that_items_have_are_not_warned_of(tmp_path, caplog):
    loaded = loaded_of(tmp_path)
    assert items_of(loaded, "genre != Comedy and price < 7") == {"i0", "i3", "i6"}
    assert items_of(loaded, "genre != ''") == naive(lambda row: True)
    assert not caplog.text


def test_a_value_of_items_that_the_model_does_not_know_is_told(tmp_path):
    loaded = loaded_of(tmp_path, rows=[*ROWS, ("new", "A", "Opera", "1")])
    with pytest.raises(recbole_fn.InputError, match="no item has the genre 'Opera'"):
        where_mask(loaded, "genre == Opera")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('title == "\'Til"', "'Til"),
        ('title == "Drivin\'"', "Drivin'"),
        ("title == '\"Q\"'", '"Q"'),
        ("title == \"'Q'\"", "'Q'"),
        ("title == ''", ""),
        ("title == 'x and'", "x and"),
    ],
)
def test_quotes_within_the_outer_pair_belong_to_the_value(text, value):
    assert [one.value for one in parse(text)] == [value]


def test_features_with_quotes_are_found(tmp_path):
    loaded = loaded_of(tmp_path)
    for value in ("'Til", "Drivin'"):
        expected = naive(lambda row, value=value: value in row["title:token_seq"].split(" "))
        assert items_of(loaded, f'title == "{value}"') == expected


@pytest.mark.parametrize("text", ["genre == War and", "genre == War\tand ", "genre == War\nand"])
def test_a_condition_is_missing_after_and(text):
    with pytest.raises(recbole_fn.InputError, match="it must be FEATURE SIGN VALUE"):
        parse(text)


@pytest.mark.parametrize(
    ("encoding", "written"),
    [("utf-8-sig", "utf-8-sig"), (None, "utf-8-sig"), ("latin-1", "latin-1"), ("utf-16",) * 2],
)
def test_the_item_file_is_read_in_the_encoding_of_the_run(tmp_path, encoding, written):
    rows = [(*row[:2], row[2].replace("War", "Gu\xe9rre"), row[3]) for row in ROWS]
    loaded = loaded_of(tmp_path, encoding, written, rows)
    assert items_of(loaded, "genre == Gu\xe9rre") == naive(lambda row: row["genre:token"] == "War")


def test_another_encoding_is_named(tmp_path):
    rows = [(*row[:2], "Gu\xe9rre", row[3]) for row in ROWS]
    with pytest.raises(recbole_fn.InputError, match="encoding is 'utf-8', in which .*tiny.item"):
        where_mask(loaded_of(tmp_path, None, "latin-1", rows), "price < 3")


def test_a_file_without_the_column_of_items_is_named(tmp_path):
    loaded = loaded_of(tmp_path)
    loaded.dataset.iid_field = "film"
    with pytest.raises(recbole_fn.InputError, match="has the columns item_id, .* must have film"):
        where_mask(loaded, "price < 3")


@pytest.mark.parametrize(
    ("items", "where", "words"),
    [
        ([], None, "items is empty; it must have at least one item"),
        (["i0", "i3"], "genre == Comedy", "which none of the items of items satisfies"),
    ],
)
def test_no_item_that_may_be_recommended_is_told(tmp_path, monkeypatch, items, where, words):
    loaded = loaded_of(tmp_path)
    loaded.dataset.uid_field, loaded.dataset.time_field = "user_id", "timestamp"
    monkeypatch.setattr(recommend, "load", lambda trained: loaded)
    monkeypatch.setattr(recommend, "users_of", lambda *arguments: None)
    for name in ("require_items", "_note_unknown"):
        monkeypatch.setattr(recommend, name, lambda *arguments: None)
    with pytest.raises(recbole_fn.InputError, match=words):
        recbole_fn.recommend(loaded, items=items, where=where)
