"""The benchmark runs and reports what it measured; how fast anything is, no test says."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from recbole_fn.benchmark import growth
from recbole_fn.benchmark.size import Size
from recbole_fn.cli import benchmark, main
from tests.helpers.runs import ROOT

TINY = ["--dataset=tiny", f"--data_path={ROOT / 'dataset'}", "--model=GRU4Rec"]


@pytest.mark.slow
def test_it_prints_a_table_and_writes_the_figures(capsys, own_folder):
    main(["benchmark", *TINY, "--quick", "--repeats=1", "--rows=64", "--json=figures.json"])
    rows = json.loads((own_folder / "figures.json").read_text())
    assert [(row["what"].split(" of ")[0], row["unit"]) for row in rows] == [
        ("loading the data: RecBole", "s/1000 rows"),
        ("drawing 100 negatives: RecBole's Sampler", "s/1000 rows"),
        ("training: RecBole, BPR, 1 negative", "s/1000 rows"),
        ("training with fn_batching prefix: RecBole, BPR, 1 negative", "s/1000 rows"),
        ("training: RecBole, CE", "s/1000 rows"),
        ("training: RecBole, BPR, 100 negatives", "s/1000 rows"),
        ("training with extraction: ours before extraction", "s/1000 rows"),
        ("memory", "bytes/pair"),
        ("checkpoint", "bytes/pair"),
    ]
    printed = capsys.readouterr().out
    for row in rows:
        assert row["ratio"] == row["other"] / row["ours"] > 0
        assert row["lowest"] <= row["highest"]
        assert f"{row['ratio']:.3g}" in printed


@pytest.mark.parametrize(
    ("arguments", "batches", "repeats", "rows"),
    [
        ([], 5, 3, 2048),
        (["--quick"], 2, 2, 512),
        (["--quick", "--repeats=7"], 2, 7, 512),
        (["--rows=30"], 5, 3, 30),
        (["--scale"], 50, 1, 2048),
        (["--scale", "1000", "--batches=0"], 0, 1, 2048),
    ],
)
def test_an_option_wins_over_what_quick_and_scale_stand_for(arguments, batches, repeats, rows):
    options = benchmark.read_options(arguments)
    assert (options.batches, options.repeats, options.rows) == (batches, repeats, rows)


@pytest.mark.slow
def test_scale_measures_each_size_and_side_in_a_process_of_its_own(capsys, own_folder):
    small = ["--scale", "400", "800", "--each=8", "--items=40", "--batches=0", "--model=GRU4Rec"]
    main(["benchmark", *small, "--sides", "ours", "recbole", "--json=figures.json"])
    rows = json.loads((own_folder / "figures.json").read_text())
    assert [(row["side"], row["num_users"] * row["each"]) for row in rows] == [
        ("ours", 400),
        ("recbole", 400),
        ("ours", 800),
        ("recbole", 800),
    ]
    printed = capsys.readouterr().out
    for row in rows:
        # The first interaction of each user has no history; two are for validation and test.
        assert row["rows"] == row["trained"] == row["num_users"] * 5
        assert 0 < row["loaded_gib"] <= row["peak_gib"]
        assert row["step_rows"] == 2048 and 30 < row["items"] < 40
        assert (row["pairs"] > 0) == (row["side"] == "ours")
        assert f"{row['peak_gib']:.2f}" in printed


@pytest.mark.slow
def test_growth_has_a_line_for_each_size(capsys, own_folder, monkeypatch):
    base = Size("ours", "GRU4Rec", 60, 40, 8, 64, 2, passes=2)
    alone, both = replace(base, negatives=7), replace(base, nproc=2)
    monkeypatch.setattr(growth, "_SIZES", {"negatives": [alone], "processes": [both]})
    given = ["--growth", "negatives", "processes", "--model=GRU4Rec", "--csv=growth.csv"]
    assert main(["benchmark", *given]) == 0
    lines = pd.read_csv(own_folder / "growth.csv")
    assert list(lines.axis) == ["negatives", "processes"] and list(lines.value) == [7, 2]
    assert (lines.trained > 0).all() and (lines.training > 0).all()
    # Two processes exchange at least the gradient of each parameter of the embedding, in floats.
    assert lines.sent[1] > 2 * 39 * 64 * 4 or not Path("/proc/net/dev").exists()
    assert "sent (bytes/step)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--growth", "size"], "--growth is 'size'; it must be one of interactions, items"),
        (["--growth", "--batches=3"], "--batches is 3, which --growth does not use"),
        (["--sides=ours"], "--sides is ['ours'], which a comparison does not use"),
        (["--items=7"], "it must be left out (it is for: --scale, --ranking, --recommend)"),
        (["--reference_epochs=2"], "--reference_epochs is 2, which a comparison does not use"),
        (["--scale", "--dataset=tiny"], "--dataset is 'tiny', which --scale does not use"),
        (["--scale", "--reference=a"], "--reference is 'a', which --scale does not use"),
        (["--samplers", "--items=7"], "--items is 7, which --samplers does not use"),
        (["--samplers", "hard"], "--samplers is 'hard'; it must be one of uniform, popularity"),
        (["--scale", "--repeats=2"], "--repeats is 2, which --scale does not use"),
        (["--reference=a", "--batches=2"], "--batches is 2, which --reference does not use"),
        (["--to-quality", "--rows=7"], "--rows is 7, which --to_quality does not use"),
        (["--epochs=2"], "--epochs is 2, which a comparison does not use"),
        (["--to-quality", "--epochs=0"], "must be an integer of at least 1"),
        (["--row=3"], "argument '--row=3' is not understood; the nearest is --rows"),
        (["--rows=many"], "--rows is 'many'; it must be an integer"),
    ],
)
def test_an_option_that_does_nothing_is_refused_in_one_line(arguments, words, capsys):
    assert main(["benchmark", *arguments]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("error: ") and words in line


@pytest.mark.slow
def test_lists_are_measured_against_those_of_recbole(capsys, own_folder):
    sizes = ["--recommend=40", "--items=30", "--each=6", "--written=20", "--repeats=1"]
    assert main(["benchmark", *sizes, "--json=figures.json"]) == 0
    lists, written = json.loads((own_folder / "figures.json").read_text())
    assert lists["what"] == "lists" and lists["ratio"] == lists["other"] / lists["ours"] > 0
    assert written["users"] == 20 and written["rate"] > 0 and written["megabytes"] >= 0
    printed = capsys.readouterr().out
    assert written["equal"] == 1 and "100.0% of the lists of 40 users are RecBole's" in printed
    assert "20 lists written: " in printed


@pytest.mark.slow
def test_samplers_are_timed_against_uniform_and_sized(capsys, own_folder):
    few = ["--samplers", "srns", "popularity", "--quick", "--repeats=1", "--rows=64"]
    main(["benchmark", *TINY, *few, "--json=figures.json"])
    rows = json.loads((own_folder / "figures.json").read_text())
    assert [row["sampler"] for row in rows] == ["uniform", "srns", "popularity"]
    assert rows[0]["ratio"] == rows[0]["lowest"] == rows[0]["highest"] == 1
    assert rows[0]["num_bytes"] == 0
    assert rows[1]["num_bytes"] % (22 * 200) == 0 < rows[1]["num_bytes"]  # 200 candidates each
    printed = capsys.readouterr().out
    for row in rows:
        assert 0 < row["lowest"] <= row["ratio"] <= row["highest"]  # of one run each
        assert f"{row['num_bytes']:,}" in printed
