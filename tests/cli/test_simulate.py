"""The command makes a world, trains on it and draws precision and recall of extraction."""

import csv
import json

import pytest

from recbole_fn.cli import main
from tests.helpers.runs import SMALL

SIZES = ["--users=60", "--items=80", "--length=8", "--slate=30"]
WORLD = ["simulate", *SIZES, "--name=world", "--out=data"]
DATA = ["--data=data/world", "--out=measured"]
MEASURE = ["simulate", "measure", "--m", "0", "1", "--neg_num", "8", *DATA]
FEW = ["hidden_size", "inner_size", "train_batch_size", "learning_rate"]
KEYS = [*(f"--{key}={SMALL[key]}" for key in FEW), "--fn_start=1"]


@pytest.fixture
def world(own_folder, capsys):
    assert main(WORLD) == 0
    assert "480 interactions in" in capsys.readouterr().out
    return own_folder


@pytest.mark.slow
def test_measuring_writes_figures_of_each_epoch_and_a_picture(world, capsys):
    assert main([*MEASURE, "--epochs=4", *KEYS]) == 0
    records = json.loads((world / "measured" / "precision_recall.json").read_text())
    assert len(records) == 4 * (2 + 1 + 1)  # counts answer for both m
    trainings = [(r["mode"], r["m"], r["epoch"]) for r in records]
    assert trainings[:2] == [("counts", 0, 0), ("counts", 1, 0)]
    assert trainings[8:] == [("flip", m, epoch) for m in (0, 1) for epoch in range(4)]
    assert [r["started"] for r in records[8:12]] == [None, 1, 1, 1]
    for record in records:
        assert (record["extracted"] > 0) == (record["epoch"] >= 2 + record["m"])
        if record["extracted"]:
            assert record["precision"] == record["extracted_liked"] / record["extracted"]
    with (world / "measured" / "precision_recall.csv").open() as file:
        assert len(list(csv.DictReader(file))) == len(records)
    page = (world / "measured" / "precision_recall.html").read_text()
    assert "N = 8, counts only" in page and "At m = 1" in page
    assert capsys.readouterr().out.count("lift") == 4


@pytest.mark.slow
def test_counts_do_not_depend_on_m_before_anything_is_flipped(world):
    assert main([*MEASURE, "--epochs=3", *KEYS]) == 0
    records = json.loads((world / "measured" / "precision_recall.json").read_text())
    counts, flip = (
        {(r["m"], r["epoch"]): r for r in records if r["mode"] == mode}
        for mode in ("counts", "flip")
    )
    for key in counts:
        if key != (0, 2):  # here m = 0 flips for the first time
            assert {**counts[key], "mode": ""} == {**flip[key], "mode": ""}
    assert counts[0, 2]["extracted"] == flip[0, 2]["extracted"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["simulate", "--drift=2"], "--drift is 2.0; it must be a number from 0 to 1"),
        (
            [*MEASURE, "--out=data/world/world.inter"],
            "--out is 'data/world/world.inter', which cannot be made",
        ),
        (["simulate", "measure", "--data=nowhere/world"], "without a readable world.truth.npz"),
        ([*MEASURE, "extra"], "argument 'extra' is not understood"),
        ([*MEASURE, "--fn_flip_after=3"], "must be written --neg_num or --m here"),
        ([*MEASURE, "--fn_strateg=flip"], "known key is fn_strategy"),
        ([*MEASURE, "--fn_enabled=False"], "'--fn_enabled=False' is fixed in a measurement"),
        ([*MEASURE, "--eval_step=0"], "'--eval_step=0' is fixed in a measurement"),
        ([*MEASURE, "--fn_strategy=off"], "with fn_strategy 'off'"),
        ([*MEASURE, "--fn_strategy=average"], "nothing is extracted"),
        ([*MEASURE, "--config_files", "off.yaml"], "with fn_strategy 'off'"),
        ([*MEASURE, "--epochs=few"], "--epochs is 'few'; it must be an integer"),
        ([*MEASURE, "--epochs=0"], "--epochs is 0; it must be an integer from 1 to 1000000"),
        (["simulate", "--epochs=3"], "argument '--epochs=3' is not understood"),
        (["simulate", "--users=many"], "--users is 'many'; it must be an integer"),
    ],
)
def test_a_mistake_is_one_line(arguments, message, world, capsys):
    (world / "off.yaml").write_text("fn_strategy: off\n")
    assert main(arguments) == 2
    lines = capsys.readouterr().err.strip().split("\n")
    assert len(lines) == 1 and lines[0].startswith("error: ") and message in lines[0]
