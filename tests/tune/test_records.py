"""What is written of trials is read again, in a folder or at an address."""

import csv
import io
import re

import pytest

from recbole_fn import checkpoint
from recbole_fn.tune import records, tables
from recbole_fn.tune.storage import Storage
from recbole_fn.tune.validations import Validations, best_of
from recbole_fn.utils.errors import InputError
from tests.helpers.runs import pieces
from tests.helpers.trials import trial


@pytest.fixture(params=["folder", "address"])
def storage(request, own_folder):
    place = own_folder / "place"
    return Storage(str(place) if request.param == "folder" else f"file://{place}")


def test_a_trial_comes_back(storage):
    written = trial(3, [0.1, 0.2], x=[1, 2])
    records.write_keys(storage, written)
    assert records.read(storage, 3).status == "pending"
    records.write_epochs(storage, written)
    records.write_end(storage, written)
    assert records.read_all(storage) == [written]


def test_how_a_trial_stands_that_nobody_saw_end(storage):
    for number, done, reason in ((0, False, ""), (1, True, ""), (2, True, "no such key")):
        one = trial(number, [0.1])
        one.done, one.reason = done, reason
        records.write_keys(storage, one)
        records.write_epochs(storage, one)
    statuses = [one.status for one in records.read_all(storage)]
    assert statuses == ["running", "finished", "failed"]


def test_files_go_to_an_address_and_come_back(own_folder):
    storage = Storage(f"file://{own_folder}/place")
    (own_folder / "a.pth").write_bytes(b"weights")
    storage.upload(own_folder / "a.pth", "trials/0001/a.pth")
    storage.download("trials/0001/a.pth", own_folder / "b.pth")
    assert (own_folder / "b.pth").read_bytes() == b"weights"
    assert storage.folders("trials") == ["0001"] and storage.read("none") is None


def test_an_address_that_nobody_knows_is_named():
    with pytest.raises(InputError, match="'no://place', which cannot be used"):
        Storage("no://place")


@pytest.mark.parametrize(("bigger", "order"), [(True, [1, 2, 0, 3]), (False, [0, 2, 1, 3])])
def test_trials_are_ranked_by_their_best_validation(bigger, order):
    trials = [trial(0, [0.1, 0.2]), trial(1, [0.4, 0.35]), trial(2, [0.3]), trial(3, [], "failed")]
    assert [one.number for one in tables.in_order(trials, bigger)] == order
    best = trial(1, [0.3, 0.4, 0.4, 0.3]).best(True)
    assert best["epoch"] == 2  # the last of equals: RecBole's early stopping saves it


@pytest.mark.slow
def test_the_best_validation_is_the_one_that_is_saved(tmp_path):
    run = pieces(checkpoint_dir=str(tmp_path), metrics=["Hit"], topk=[50], valid_metric="Hit@50")
    validations = Validations(run.trainer)
    run.trainer.fit(run.train_data, run.valid_data, verbose=False, saved=True)
    assert {one["score"] for one in validations.entries} == {1.0}  # all 50 items are ranked
    saved = checkpoint.load(run.trainer.saved_model_file)["epoch"]
    assert best_of(validations.entries, bigger=True)["epoch"] == saved == 2


def test_the_csv_has_numbers_in_full():
    trials = [trial(0, [0.1, 1 / 3], x=1e-5), trial(1, [], "failed", x=2)]
    header, first, second = tables.as_csv(trials, "ndcg@10", True).splitlines()
    cells = dict(zip(header.split(","), first.split(","), strict=False))
    assert float(cells["valid_ndcg@10"]) == 1 / 3 and float(cells["valid_recall@10"]) == 2 / 3
    assert (cells["rank"], cells["trial"], cells["best_epoch"], cells["x"]) == (
        "1",
        "0",
        "1",
        "1e-05",
    )
    assert second.startswith(",1,failed,0,")


def test_the_live_table_shows_running_trials_first_and_counts_all():
    trials = [trial(0, [0.1]), trial(1, [0.3], "stopped"), trial(2, [0.05], "running")]
    lines = tables.live_table(trials, 9, "ndcg@10", True).splitlines()
    assert [line.split()[0] for line in lines[2:-1]] == ["2", "1", "0"]
    assert lines[-1] == "3 of 9 trials: 1 finished, 1 stopped, 1 running"
    fewer = tables.live_table(trials, 2, "ndcg@10", True).splitlines()  # given to a resumed search
    assert fewer[-1].startswith("3 of 3 trials: ")


def test_a_key_named_as_a_column_hides_none_of_them():
    keys = {"epochs": 50, "status": "a", "best epoch": 7, "best_epoch": 8, "reason": "b"}
    trials = [trial(0, [0.1, 0.2, 0.1]), trial(1, [], "failed")]
    for one in trials:
        one.keys = keys
    for row in csv.DictReader(io.StringIO(tables.as_csv(trials, "ndcg@10", True))):
        assert {row[f"{name} of the space"] for name in ("epochs", "status", "reason")} == {
            "50",
            "a",
            "b",
        }
        assert row["best_epoch of the space"] == "8" and row["best epoch"] == "7"
        assert row["epochs"] == {"0": "3", "1": "0"}[row["trial"]]
        assert row["best_epoch"] == {"0": "1", "1": ""}[row["trial"]] and row["reason"] == ""
    for one in trials:
        one.keys = {"epochs": 50}
    header, _, first, *_ = tables.ranked_table(trials, "ndcg@10", True).splitlines()
    assert re.split(" {2,}", header)[2:] == [
        *("epochs", "best epoch", "best valid ndcg@10", "epochs of the space")
    ]
    assert first.split() == ["0", "finished", "3", "1", "0.2000", "50"]


@pytest.mark.parametrize("bigger", [True, False])
def test_a_trial_that_failed_after_its_validations_is_not_the_best(bigger):
    extreme = [0.9] if bigger else [0.1]
    trials = [trial(0, extreme, "failed"), trial(1, [0.5]), trial(2, [0.4], "stopped")]
    assert tables.in_order(trials, bigger)[-1].number == 0
    rows = list(csv.DictReader(io.StringIO(tables.as_csv(trials, "ndcg@10", bigger))))
    assert [row["rank"] for row in rows] == ["1", "2", ""]
    assert float(rows[-1]["valid_ndcg@10"]) == extreme[0]  # what it had is shown
    shown = tables.live_table(trials, 3, "ndcg@10", bigger).splitlines()
    assert [line.split()[0] for line in shown[2:-1]][:1] != ["0"]
