"""Files of lists: all formats hold the same, a stopped run goes on, and mistakes are one line."""

import json
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest
import torch

import recbole_fn
from recbole_fn.cli.dispatch import main
from recbole_fn.recommendation import lists, ranking, writing
from recbole_fn.utils.files import alone
from tests.helpers.saved_runs import saved_run


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return saved_run(tmp_path_factory.mktemp("saved"), epochs=1)[1]


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(lists, "CHUNK", 30)  # three parts for 80 users
    monkeypatch.setattr(writing, "CHUNK", 30)


def recommend(checkpoint, *options):
    return main(["recommend", f"--checkpoint={checkpoint}", "--k=3", *options])


def read(path):
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    if path.suffix == ".jsonl":
        return pd.DataFrame([json.loads(line) for line in path.read_text().splitlines()])
    return pd.read_csv(path, sep="," if path.suffix == ".csv" else "\t")


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".tsv", ".jsonl"])
def test_a_file_holds_what_the_function_returns(checkpoint, suffix, own_folder, capsys):
    out = own_folder / "new" / f"recs{suffix}"
    assert recommend(checkpoint, f"--out={out}") == 0
    assert f"Lists of 80 users: {out}" in capsys.readouterr().out
    expected = recbole_fn.recommend(checkpoint, k=3)
    pd.testing.assert_frame_equal(read(out), expected, check_dtype=False, atol=1e-6)
    assert [path.name for path in out.parent.iterdir()] == [out.name]


@pytest.mark.slow
def test_the_screen_gets_the_same_lines(checkpoint, own_folder, capfdbinary):
    assert recommend(checkpoint, "--out=recs.tsv") == recommend(checkpoint) == 0
    shown = capfdbinary.readouterr().out
    assert (own_folder / "recs.tsv").read_bytes() in shown


@pytest.mark.slow
def test_a_stopped_run_goes_on_and_writes_the_same(checkpoint, own_folder, monkeypatch, capsys):
    out, made = own_folder / "recs.csv", []
    out.write_text("before")
    frames = lists.frames

    def stops(plan, numbers=None):
        for number, frame in zip(numbers, frames(plan, numbers), strict=True):
            if len(made) == 2:
                raise KeyboardInterrupt
            made.append(number)
            yield frame

    monkeypatch.setattr(writing, "frames", stops)
    assert recommend(checkpoint, f"--out={out}") == 130
    assert "the same command goes on where it was" in capsys.readouterr().err
    assert out.read_text() == "before" and made == [0, 1]
    made.clear()
    assert recommend(checkpoint, f"--out={out}") == 0 and made == [2]
    again = own_folder / "again.csv"
    made[:] = []
    monkeypatch.setattr(writing, "frames", frames)
    assert recommend(checkpoint, f"--out={again}") == 0
    assert again.read_bytes() == out.read_bytes()


@pytest.mark.slow
def test_parts_of_another_request_are_not_used(checkpoint, own_folder, monkeypatch):
    def stops(plan, numbers=None):
        yield from list(lists.frames(plan, numbers))[:1]
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(writing, "frames", stops)
        assert recommend(checkpoint, "--out=recs.csv") == 130
    assert recommend(checkpoint, "--exclude=none", "--out=recs.csv") == 0
    expected = recbole_fn.recommend(checkpoint, k=3, exclude="none")
    assert list(read(own_folder / "recs.csv")["item"]) == list(expected["item"])


def test_parts_of_who_comes_next_are_not_removed(checkpoint, own_folder, monkeypatch):
    @contextmanager
    def then_another(folder, *args):
        with alone(folder, *args):
            yield
        seen.append(folder.exists())
        folder.mkdir(exist_ok=True)
        (folder / "part-00000000").write_text("of another")

    seen = []
    monkeypatch.setattr(writing, "alone", then_another)
    assert recommend(checkpoint, "--out=recs.csv") == 0
    assert seen == [False]
    assert (own_folder / ".recs.csv.parts" / "part-00000000").read_text() == "of another"


def test_where_and_files_of_users(checkpoint, own_folder, monkeypatch):
    loaded = recbole_fn.recommendation.loading.Loaded.from_file(checkpoint)
    folder = own_folder / "data" / "tiny"
    folder.mkdir(parents=True)
    prices = ["", 1, "nan", *range(3, 50)]
    rows = [f"i{n}\t{'a b' if n % 2 else 'b'}\t{price}" for n, price in enumerate(prices)]
    header = "item_id:token\tkind:token_seq\tprice:float"
    (folder / "tiny.item").write_text("\n".join([header, *rows]) + "\n")
    loaded.config["data_path"] = str(folder)
    few = recbole_fn.recommend(loaded, k=50, where="kind == a and price < 9", exclude="none")
    assert set(few["item"]) == {"i1", "i3", "i5", "i7"}
    priced = recbole_fn.recommend(loaded, k=50, where="price != 4", exclude="none", users=["u1"])
    assert set(priced["item"]) == {f"i{n}" for n in range(50)} - {"i0", "i2", "i4"}
    not_a = recbole_fn.recommend(loaded, k=50, where="kind != a", exclude="none", users=["u1"])
    assert set(not_a["item"]) == {f"i{n}" for n in range(0, 50, 2)}
    for text, words in [
        ("kind == a and", "where is 'kind == a and'; it must be FEATURE SIGN VALUE"),
        ("colour == red", "where names the feature 'colour'; it must be one of item_id, kind"),
        ("price < cheap", "where compares price with 'cheap'; it must be a number"),
        ("kind < a", "where compares kind by <; its type is token_seq"),
    ]:
        with pytest.raises(recbole_fn.InputError, match=words.split(";")[0]):
            recbole_fn.recommend(loaded, where=text)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--k=0"], "k is 0; it must be an integer from 1"),
        (["--out=recs.xls"], "out is 'recs.xls'; it must end with .parquet, .csv, .tsv, .jsonl"),
        (["--out=folder.csv"], "out is 'folder.csv', which is a folder; it must be a file"),
        (["--out=/proc/recs.csv"], "it must be in a folder that can be written"),
        (["--users=users.csv"], "2 of 3 users are not in the data set, the first 'nobody'"),
        (["--items=users.csv"], "has the columns user_id; it must have item_id"),
        (["--histories=users.csv"], "it must have user_id and item_id"),
        (["--histories=cold.csv"], "1 of 2 histories have no item that the data set has, the"),
        (["--histories=cold.csv", "--users=users.csv"], "only one of them must be"),
        (["--histories=cold.csv", "--until=train"], "it must be left out"),
        (["--until=later"], "until is 'later'; it must be one of train, valid, test"),
        (["--cold=hot"], "cold is 'hot'; it must be popular, or left out"),
        (["--users=nowhere.csv"], "'nowhere.csv' cannot be read"),
        (["--users=users.doc"], "must be a file that ends with .csv"),
        (["--where=genre"], "it must be FEATURE SIGN VALUE"),
        (["--where=genre == x"], "where is about features of items, but there is no"),
        (["--kk=3"], "argument '--kk=3' is not understood; the nearest is --k"),
    ],
)
def test_a_mistake_is_one_line(checkpoint, options, words, own_folder, capsys):
    pd.DataFrame({"user_id": ["u1", "nobody", "none"]}).to_csv("users.csv", index=False)
    (own_folder / "folder.csv").mkdir()
    cold = pd.DataFrame({"user_id": ["a", "b"], "item_id": ["i1", "x"]})
    cold.to_csv("cold.csv", index=False)
    assert main(["recommend", f"--checkpoint={checkpoint}", *options]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].startswith("error: ") and words in lines[-1]
    assert sorted(path.name for path in own_folder.iterdir()) == [
        "cold.csv",
        "folder.csv",
        "users.csv",
    ]


@pytest.mark.slow
def test_a_foreign_file_is_no_checkpoint(own_folder, capsys):
    torch.save({"weights": torch.ones(2)}, "other.pth")
    torch.save({"state_dict": {"w": torch.ones(2)}}, "weights.pth")
    for name, words in [
        ("other.pth", "it must be a checkpoint of RecBole"),
        ("weights.pth", "holds no configuration"),
        ("nowhere.pth", "cannot be loaded"),
    ]:
        for command in (["recommend"], ["export", "--vectors=v"], ["similar", "--item=i1"]):
            assert main([*command, f"--checkpoint={name}"]) == 2
            assert words in capsys.readouterr().err


@pytest.mark.parametrize("screens", [False, True])
def test_a_model_that_diverged_is_named(checkpoint, screens, monkeypatch):
    monkeypatch.setattr(ranking, "is_worth_it", lambda num_items: screens)
    loaded = recbole_fn.recommendation.loading.Loaded.from_file(checkpoint)
    with torch.no_grad():
        loaded.model.item_embedding.weight[5] = np.nan
    with pytest.raises(recbole_fn.InputError, match="scores items with NaN"):
        recbole_fn.recommend(loaded)
