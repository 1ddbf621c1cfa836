"""A job that was stopped, or may train longer now, ends like one that never was."""

import json

import numpy as np
import pytest

import recbole_fn
from recbole_fn import checkpoint
from recbole_fn.checkpoint.last import LastCheckpoint
from recbole_fn.comparison import continuing, running
from recbole_fn.comparison.best_weights import BestWeights
from recbole_fn.comparison.compare import compare
from recbole_fn.comparison.continuing import checkpoint_file
from recbole_fn.comparison.epoch_notes import EpochNotes
from recbole_fn.comparison.job import run
from tests.checkpoint.test_kills import assert_same
from tests.helpers.runs import SMALL

KEYS = {**SMALL, "epochs": 4, "fn_start": 1, "fn_flip_after": 1, "fn_neg_num": 8, "n_layers": 1}
FLIP = "tiny-SASRec-flip-2020"
SLOW = pytest.mark.slow
ALSO = {"fn_eval_also": [5, "unseen"], "metrics": ["NDCG"]}
MAY_DIFFER = {"seconds", "seconds_per_epoch", "peak_memory_bytes"}


@pytest.fixture(autouse=True)
def jobs_run(monkeypatch):
    """The jobs that run; they do so in this process, and an exception ends the comparison."""
    names = []

    def run_here(job, folder, threads=None):
        names.append(job.name)
        run(job, folder)

    monkeypatch.setattr(running, "run_job", run_here)
    return names


def compared(folder, variants=("flip",), files=None, **keys):
    return compare("SASRec", "tiny", files, {**KEYS, **keys}, variants, out=str(folder))


def result(folder, name=FLIP):
    return json.loads((folder / "jobs" / f"{name}.json").read_text())


def assert_equal_jobs(one, other, name=FLIP):
    """All that jobs of two folders have written is equal, but for seconds and memory."""
    found, expected = result(one, name), result(other, name)
    for epoch in (*found["history"], *expected["history"]):
        assert epoch.pop("seconds") > 0
    for field in MAY_DIFFER:
        found.pop(field), expected.pop(field)
    assert_same(found, expected)
    ranks = [dict(np.load(folder / "jobs" / f"{name}.npz")) for folder in (one, other)]
    assert ranks[0].keys() == ranks[1].keys()
    assert all(np.array_equal(ranks[0][key], ranks[1][key]) for key in ranks[0])
    held, expected = (
        {
            path.name: weights(path)
            for path in (folder / "jobs" / "checkpoints").glob(f"{name}*.pth")
        }
        for folder in (one, other)
    )
    assert_same(held, expected)


def weights(path):
    """What a checkpoint holds; `epochs` may have been smaller when it was written."""
    state = checkpoint.load(path)
    return {**state, "config": {**state["config"].final_config_dict, "epochs": None}}


def stopped(monkeypatch, owner, method, calls, folder, **keys):
    """Runs a comparison that is stopped when a method has been called so often."""
    original, seen = getattr(owner, method), []

    def stopping(self, *args, **kwargs):
        original(self, *args, **kwargs)
        seen.append(1)
        if len(seen) == calls:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(owner, method, stopping)
        compared(folder, **keys)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of a comparison that was never stopped: makes it once for each set of keys."""
    made = {}

    def of(**keys):
        name = str(keys)
        if name not in made:
            made[name] = tmp_path_factory.mktemp("whole")
            compared(made[name], **keys)
        return made[name]

    return of


@pytest.mark.slow
@pytest.mark.parametrize(
    ("owner", "method", "calls", "keys"),
    [
        (EpochNotes, "on_validation_end", 3, {}),
        (BestWeights, "on_validation_end", 3, ALSO),
        pytest.param(EpochNotes, "on_epoch_end", 3, {}, marks=SLOW),
        pytest.param(LastCheckpoint, "save_end", 1, {}, marks=SLOW),  # before the first epoch
        pytest.param(LastCheckpoint, "save_end", 4, {}, marks=SLOW),
        pytest.param(LastCheckpoint, "save_end", 4, {"fn_prior": "followers"}, marks=SLOW),
        pytest.param(LastCheckpoint, "after_step", 16, {"fn_save_every": 3}, marks=SLOW),
        # trained, and not tested
        pytest.param(LastCheckpoint, "end", 1, {"eval_step": 3}, marks=SLOW),
    ],
)
def test_a_job_that_was_stopped_ends_as_if_it_never_was(
    owner, method, calls, keys, whole, jobs_run, own_folder, monkeypatch
):
    expected = whole(**keys)
    assert result(expected)["history"][-1]["extraction"]["flipped"] > 0
    stopped(monkeypatch, owner, method, calls, own_folder / "out", **keys)
    assert not (own_folder / "out" / "jobs" / f"{FLIP}.json").exists()
    trained = []
    monkeypatch.setattr(
        EpochNotes,
        "on_epoch_end",
        lambda *args, was=EpochNotes.on_epoch_end: (was(*args), trained.append(args[2].number)),
    )
    compared(own_folder / "out", **keys)
    assert_equal_jobs(own_folder / "out", expected)
    assert len(trained) < 4 or (method == "save_end" and calls == 1)
    assert trained == list(range(4))[4 - len(trained) :]


@pytest.mark.slow
def test_seconds_add_up(own_folder, monkeypatch):
    stopped(monkeypatch, LastCheckpoint, "save_end", 4, own_folder / "out")
    path = continuing.epochs_file(checkpoint_file(own_folder / "out" / "jobs", FLIP))
    noted = json.loads(path.read_text())
    path.write_text(json.dumps({**noted, "seconds": 1000.0}))
    compared(own_folder / "out")
    assert 1000 < result(own_folder / "out")["seconds"] < 1100


@pytest.mark.slow
def test_four_epochs_extended_to_eight_are_eight_at_once(whole, own_folder, jobs_run):
    expected = whole(epochs=8)
    compared(own_folder / "out")
    jobs_run.clear()
    compared(own_folder / "out", epochs=8)
    assert_equal_jobs(own_folder / "out", expected)
    assert result(own_folder / "out")["config"]["epochs"] == 8
    compared(own_folder / "out", epochs=8)
    assert jobs_run == [FLIP]


@pytest.mark.slow
def test_epochs_may_be_in_a_file_and_other_keys_must_be_equal(whole, own_folder, jobs_run):
    keys = {name: value for name, value in KEYS.items() if name != "epochs"}

    def of_file(epochs, **more):
        (own_folder / "my.yaml").write_text(f"epochs: {epochs}\n")
        compare("SASRec", "tiny", ["my.yaml"], {**keys, **more}, ["flip"], out="out")

    of_file(4)
    with pytest.raises(recbole_fn.InputError, match="another configuration"):
        of_file(8, learning_rate=0.02)
    with pytest.raises(recbole_fn.InputError, match="another configuration"):
        of_file(3)
    of_file(8)
    expected = result(whole(epochs=8))
    assert result(own_folder / "out")["test"] == expected["test"]
    assert jobs_run.count(FLIP) >= 2


@pytest.mark.slow
def test_an_extension_that_was_stopped_goes_on(whole, own_folder, monkeypatch):
    expected = whole(epochs=8)
    compared(own_folder / "out")
    stopped(monkeypatch, LastCheckpoint, "save_end", 2, own_folder / "out", epochs=8)
    assert result(own_folder / "out")["epochs"] == 4
    compared(own_folder / "out", epochs=8)
    assert_equal_jobs(own_folder / "out", expected)


@pytest.mark.slow
@pytest.mark.parametrize("patience", [None, pytest.param(0.5, marks=SLOW)])
def test_a_job_that_ended_early_stays_finished(patience, own_folder, jobs_run):
    keys = {"epochs": 12, "stopping_step": 0, "learning_rate": 0.1, "fn_patience": patience}
    compared(own_folder / "out", **keys)
    before = result(own_folder / "out")
    assert before["epochs"] < 12
    compared(own_folder / "out", **{**keys, "epochs": 30})
    assert jobs_run == [FLIP]
    expected = {**before, "keys": {**before["keys"], "epochs": 30}}
    expected["config"] = {**before["config"], "epochs": 30}
    assert result(own_folder / "out") == expected
    compared(own_folder / "again", **{**keys, "epochs": 30})
    assert_equal_jobs(own_folder / "out", own_folder / "again")


@pytest.mark.slow
def test_a_job_that_would_have_ended_with_its_last_epoch_trains_no_further(own_folder, jobs_run):
    keys = {"stopping_step": 0, "learning_rate": 0.1}
    compared(own_folder / "whole", **keys, epochs=30)
    ended = result(own_folder / "whole")["epochs"]
    assert ended < 30
    compared(own_folder / "out", **keys, epochs=ended)
    compared(own_folder / "out", **keys, epochs=30)
    assert_equal_jobs(own_folder / "out", own_folder / "whole")


@pytest.mark.slow
@pytest.mark.parametrize("lost", ["-last.pth", ".pth", ".json", "-unseen.pth"])
def test_without_its_checkpoint_a_job_starts_anew_and_says_so(
    lost, whole, own_folder, caplog, capsys
):
    compared(own_folder / "out", **ALSO)
    best = checkpoint_file(own_folder / "out" / "jobs", FLIP)
    best.with_name(FLIP + lost).unlink()
    capsys.readouterr()
    compared(own_folder / "out", epochs=8, **ALSO)
    assert_equal_jobs(own_folder / "out", whole(epochs=8, **ALSO))
    assert "The job starts anew: " in caplog.text and f"{FLIP}{lost}" in caplog.text
    assert (f"{FLIP} starts anew" in capsys.readouterr().err) == (lost == "-last.pth")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ({"eval_step": 6}, {"epochs": 8, "eval_step": 6}, "eval_step 4, this run has 6"),
        ({"stopping_step": 3}, {}, "stopping_step 3, this run has 10"),
        ({"fn_patience": 0.3}, {}, "fn_patience 0.3, this run has None"),
        ({"epochs": 9}, {}, "epochs 9, this run has 4"),
        ({"learning_rate": 0.02}, {}, "learning_rate 0.02, this run has 0.01"),
    ],
)
def test_a_checkpoint_of_other_keys_is_not_gone_on_from(
    before, now, words, whole, own_folder, monkeypatch, caplog
):
    stopped(monkeypatch, LastCheckpoint, "save_end", 4, own_folder / "out", **before)
    compared(own_folder / "out", **now)
    assert words in caplog.text
    assert_equal_jobs(own_folder / "out", whole(**now))


@pytest.mark.slow
def test_a_damaged_checkpoint_is_not_gone_on_from(whole, own_folder, monkeypatch, caplog):
    stopped(monkeypatch, LastCheckpoint, "save_end", 3, own_folder / "out")
    best = checkpoint_file(own_folder / "out" / "jobs", FLIP)
    checkpoint.last_file(best).write_bytes(b"damaged")
    compared(own_folder / "out")
    assert "The job starts anew: " in caplog.text and "cannot be loaded" in caplog.text
    assert_equal_jobs(own_folder / "out", whole())


@pytest.mark.slow
def test_what_recbole_trains_starts_anew_and_says_so(own_folder, monkeypatch, caplog):
    name, variants = "tiny-SASRec-recbole-ce-2020", ["recbole-ce"]
    keys = {"variants": variants, "epochs": 3}
    stopped(monkeypatch, EpochNotes, "on_validation_end", 2, own_folder / "out", **keys)
    compared(own_folder / "out", **keys)
    assert "RecBole's own training cannot be resumed exactly" in caplog.text
    compared(own_folder / "out", **{**keys, "epochs": 4})
    compared(own_folder / "whole", **{**keys, "epochs": 4})
    assert_equal_jobs(own_folder / "out", own_folder / "whole", name)
