"""Tables become atomic files that RecBole reads, and a mistake is one line."""

import pandas as pd
import pytest
from recbole.config import Config
from recbole.data import create_dataset

import recbole_fn
from recbole_fn.cli.dispatch import main
from recbole_fn.conversion.convert import convert

TABLE = pd.DataFrame(
    {
        "Customer": ["c1", "c1", "c2", "c2"],
        "product": ["p1", "p2", "p1", "p3"],
        "date": ["2026-03-01", "2026-03-02 17:05", "2026-03-01T00:00:01.25Z", "1969-12-31"],
        "price": ["3.5", "", "7", "1e3"],
        "zip code": ["01234", "1", "2", "3"],
        "tags": ["a b|c", "", "d|e", "f"],
    }
)


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet"])
def test_types_are_guessed_and_values_kept(suffix, own_folder):
    path = own_folder / f"shop{suffix}"
    if suffix == ".parquet":
        TABLE.assign(price=pd.to_numeric(TABLE["price"])).to_parquet(path)
    else:
        TABLE.to_csv(path, sep="," if suffix == ".csv" else "\t", index=False)
    (made,) = convert(path)
    lines = [line.split("\t") for line in made.path.read_text().splitlines()]
    assert lines[0] == [
        "user_id:token",
        "item_id:token",
        "timestamp:float",
        "price:float",
        "zip_code:token",
        "tags:token_seq",
    ]
    assert [line[2] for line in lines[1:]] == [
        "1772323200",
        "1772471100",
        "1772323201.25",
        "-86400",
    ]
    assert lines[1][4:] == ["01234", "a_b c"] and [float(lines[n][3]) for n in (1, 3)] == [3.5, 7]


def test_recbole_reads_the_files(own_folder):
    TABLE.to_csv("shop.csv", index=False)
    pd.DataFrame({"item_id": ["p1", "p2", "p3"], "genre": ["x|y", "y|z", ""]}).to_csv(
        "products.csv", index=False
    )
    convert("shop.csv", "data", items="products.csv", types="zip code=token")
    recbole_fn.register()
    keys = {"data_path": "data", "load_col": None, "train_neg_sample_args": None}
    data = create_dataset(Config("GRU4RecF", "shop", config_dict=keys))
    assert (data.user_num, data.item_num, len(data)) == (3, 4, 4)
    assert {str(token) for token in data.field2id_token["genre"]} == {"[PAD]", "x", "y", "z"}
    assert data.field2type["price"].value == "float"


def test_one_user_of_numbers_stays_as_it_is_written(own_folder):
    pd.DataFrame({"user": ["007"], "item": ["1.0"], "ts": ["5.50"]}).to_csv("a.csv", index=False)
    (made,) = convert("a.csv", "data", "b")
    assert made.path.read_text().splitlines()[1] == "007\t1.0\t5.50"


@pytest.mark.parametrize(
    ("change", "arguments", "words"),
    [
        ({}, ["--user=custmer"], "user is 'custmer'; it must be a column of"),
        ({}, ["--types=price"], "types has 'price'; it must be NAME=TYPE"),
        ({}, ["--types=tags=text"], "type of 'tags' is 'text'; it must be one of token, float"),
        ({}, ["--types=tags=float"], "3 wrong values in tags, the first in row 1: 'a b|c'"),
        ({"date": "soon"}, [], "4 wrong values in date, the first in row 1: 'soon'; it must be a"),
        ({"product": ""}, [], "has 4 rows without product, the first is row 1"),
        ({"tags": "a\tb"}, [], "it must be a text without tabs and ends of lines"),
        ({"zip_code": "x"}, [], "has columns that become one"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(change, arguments, words, own_folder, capsys):
    TABLE.assign(**change).to_csv("shop.csv", index=False)
    assert main(["convert", "shop.csv", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line and not (own_folder / "dataset").exists()


def test_files_of_before_stay_unless_asked(own_folder, capsys):
    TABLE.to_csv("shop.csv", index=False)
    assert [main(["convert", "shop.csv"]), main(["convert", "shop.csv"])] == [0, 2]
    out = capsys.readouterr()
    assert "dataset/shop/shop.inter: 4 rows" in out.out and "zip_code:token" in out.out
    assert "exists; it must not, or --overwrite must be set" in out.err
    assert main(["convert", "shop.csv", "--overwrite"]) == 0


def test_an_unknown_name_is_asked_for(own_folder, capsys):
    TABLE.rename(columns={"Customer": "who"}).to_csv("shop.csv", index=False)
    assert main(["convert", "shop.csv"]) == 2
    assert "none of which is known to be that of the user; --user must" in capsys.readouterr().err
    assert main(["convert", "shop.csv", "--user=who"]) == 0


def test_a_comma_that_ends_each_line_moves_no_value(own_folder):
    (own_folder / "shop.csv").write_text("user,item,timestamp,price\nann,pen,1,3,\nbob,cup,2,4,\n")
    (made,) = convert("shop.csv")
    assert made.path.read_text().splitlines()[1:] == ["ann\tpen\t1\t3", "bob\tcup\t2\t4"]


def test_a_line_with_more_values_than_the_header_is_named(own_folder, capsys):
    (own_folder / "shop.csv").write_text("user,item,timestamp\nann,pen,1,\nbob,cup,2,4\n")
    assert main(["convert", "shop.csv"]) == 2
    assert "'shop.csv' has 4 fields in line 3, 'bob,cup,2,4'" in capsys.readouterr().err


def test_values_with_quotes_stay_apart_when_recbole_reads_them(own_folder):
    items = ['"Foo"', "Foo", '"Foo', 'Foo"', '"', '""', '5" pipe', '"a" b', "'Foo'", '"F""oo"']
    tags = [f'"{item}"|{item}' for item in items]
    table = pd.DataFrame({"user": "ann", "item": items, "time": range(10), "tags": tags})
    table.to_csv("shop.csv", index=False)
    convert("shop.csv", "data")
    recbole_fn.register()
    keys = {"data_path": "data", "load_col": None, "train_neg_sample_args": None}
    data = create_dataset(Config("GRU4Rec", "shop", config_dict=keys))
    assert list(data.field2id_token["item_id"][1:]) == items
    read = {str(token) for token in data.field2id_token["tags"][1:]}
    assert read == {one.replace(" ", "_") for text in tags for one in text.split("|")}


def test_a_time_of_day_is_no_time_of_an_interaction(own_folder, capsys):
    TABLE.assign(time="23:00:00").to_csv("shop.csv", index=False)
    assert main(["convert", "shop.csv"]) == 2
    assert "first in row 1: '23:00:00'; it must be a number or a date" in capsys.readouterr().err
    assert main(["convert", "shop.csv", "--time=date"]) == 0
