"""The race ends where it must, and only scores of one ranking are compared."""

import json

import pytest

from recbole_fn.benchmark.quality_side import Reached, Stopwatch, reaches
from recbole_fn.benchmark.race import Race, Validation
from recbole_fn.benchmark.to_quality import Training, require_same, table, train_apart
from recbole_fn.cli import main
from recbole_fn.utils.errors import InputError
from tests.helpers.runs import ROOT

TINY = ["--dataset=tiny", f"--data_path={ROOT / 'dataset'}", "--model=GRU4Rec"]


def training(side, scores, each, bigger=True):
    """A validation of each score, `each` seconds and half as much CPU time apart."""
    curve = [
        Validation(side, epoch, score, epoch * each, epoch * each / 2)
        for epoch, score in enumerate(scores, 1)
    ]
    return Training(side, 0.5, bigger, {"valid_metric": "MRR@10"}, curve)


@pytest.mark.parametrize(("bigger", "epoch"), [(True, 2), (False, 1)])
def test_the_best_validation_is_the_first_of_its_equals(bigger, epoch):
    assert training("recbole", [0.1, 0.3, 0.3, 0.1], 1.0, bigger).best.epoch == epoch


@pytest.mark.parametrize(
    ("bigger", "scores", "last"), [(True, [0.1, 0.2, 0.3], 2), (False, [0.3, 0.2, 0.1], 2)]
)
def test_a_training_ends_at_the_first_score_as_good_as_its_aim(bigger, scores, last, capsys):
    watch = Stopwatch("ours", 0.2, bigger)
    with pytest.raises(Reached):
        for epoch, score in enumerate(scores):
            watch(epoch, score)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["epoch"] for line in lines] == list(range(1, last + 1))
    assert 0 <= lines[0]["seconds"] <= lines[1]["seconds"]


def test_the_table_holds_the_ratios_of_both_times():
    text = table(training("recbole", [0.1, 0.2], 30.0), training("ours", [0.1, 0.25], 2.0))
    assert text.splitlines()[-1].split() == ["RecBole", "/", "ours", "15", "15"]


def test_the_table_says_that_a_score_was_never_reached():
    text = table(training("recbole", [0.3], 30.0), training("ours", [0.1, 0.25, 0.2], 2.0))
    assert text.endswith("ours never reached RecBole's score in 3 epochs")
    assert "RecBole / ours" not in text


def test_another_ranking_is_refused_in_one_line():
    same = {"ranking": "full", "rows": "a"}
    require_same(same, dict(same))
    with pytest.raises(InputError, match="the validation's rows is 'b' here and 'a' in RecBole"):
        require_same({**same, "rows": "b"}, same)


@pytest.mark.slow
def test_both_sides_are_timed_to_recboles_best_score(capsys, own_folder):
    files = ["--json=figures.json", "--csv=figures.csv"]
    assert main(["benchmark", *TINY, "--to-quality", "--epochs=2", *files]) == 0
    rows = json.loads((own_folder / "figures.json").read_text())
    theirs, ours = ([row for row in rows if row["side"] == side] for side in ("recbole", "ours"))
    assert [row["epoch"] for row in theirs] == [1, 2]
    best = max(row["score"] for row in theirs)
    assert not any(reaches(row["score"], best, True) for row in ours[:-1])  # it stops at the first
    for side in (theirs, ours):
        assert all(row["seconds"] > 0 < row["cpu_seconds"] for row in side)
    assert len((own_folder / "figures.csv").read_text().splitlines()) == 1 + len(rows)
    assert f"{best:.4f}" in capsys.readouterr().out


@pytest.mark.slow
def test_a_file_that_ranks_otherwise_is_refused(own_folder):
    (own_folder / "few.yaml").write_text("fn_enabled: True\nfn_eval_candidates: 5\n")
    race = Race("GRU4Rec", "tiny", str(ROOT / "dataset"), ["few.yaml"], epochs=1)
    with pytest.raises(InputError, match="ranking is 'uni5' here and 'full' in RecBole"):
        train_apart("ours", race, 0.5, {"ranking": "full"})
