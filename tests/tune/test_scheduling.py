"""After a search was stopped, schedulers know what they knew."""

from types import SimpleNamespace

import pytest

pytest.importorskip("ray")

from recbole_fn.tune.scheduling import NumberedScheduler, make_scheduler
from recbole_fn.tune.settings import TuneSettings
from recbole_fn.tune.validations import as_reported
from tests.helpers.trials import trial

SCORES = [[0.5, 0.6, 0.7], [0.4, 0.5, 0.6], [0.3, 0.2, 0.2], [0.1, 0.1, 0.1]]


def shown(number):
    """A trial of Ray's."""
    return SimpleNamespace(config={"number": number})


def decisions(scheduler, trials, bigger=True):
    """What a scheduler says to results in the order of time."""
    seen = [
        (e["time"], t.number, t.epochs[: i + 1]) for t in trials for i, e in enumerate(t.epochs)
    ]
    return [
        scheduler.on_trial_result(None, shown(number), as_reported(entries, bigger))
        for _, number, entries in sorted(seen, key=lambda one: one[:2])
    ]


def make(kind, bigger=True):
    settings = TuneSettings.from_keys({"tune_scheduler": kind, "tune_grace_epochs": 1})
    return NumberedScheduler(make_scheduler(settings, 9, bigger))


def test_none_stops_nothing():
    assert make_scheduler(TuneSettings.from_keys({"tune_scheduler": "none"}), 9, True) is None


@pytest.mark.parametrize("kind", ["asha", "median"])
def test_replayed_is_as_if_never_stopped(kind):
    trials = [trial(number, scores) for number, scores in enumerate(SCORES)]
    before, later = trials[:3], trials[3:]
    whole, again = make(kind), make(kind)
    decisions(whole, before)
    again.replay(before, True)
    expected = decisions(whole, later)
    assert decisions(again, later) == expected
    assert "STOP" in expected and "STOP" not in decisions(make(kind), later)  # all forgotten


def test_the_rungs_of_asha_are_rebuilt():
    trials = [trial(number, scores) for number, scores in enumerate(SCORES)]
    whole, again = make("asha"), make("asha")
    decisions(whole, trials)
    again.replay(trials, True)
    rungs = again.inner._brackets[0]._rungs
    assert rungs == whole.inner._brackets[0]._rungs
    assert rungs[-1] == (1, {"0000": 0.5, "0001": 0.4, "0002": 0.3, "0003": 0.1})


@pytest.mark.parametrize("bigger", [True, False])
def test_asha_stops_the_worse_side(bigger):
    scheduler = make("asha", bigger)
    trials = [trial(0, [0.5]), trial(1, [0.9]), trial(2, [0.1])]
    actual = decisions(scheduler, trials, bigger)
    assert actual == (
        ["CONTINUE", "CONTINUE", "STOP"] if bigger else ["CONTINUE", "STOP", "CONTINUE"]
    )


def test_a_trial_is_judged_by_its_best_score_so_far():
    actual = decisions(make("asha"), [trial(0, [0.5, 0.5, 0.5]), trial(1, [0.6, 0.1, 0.1])])
    assert actual == ["CONTINUE"] * 6


def test_reaching_the_last_epoch_is_no_stop():
    settings = TuneSettings.from_keys({"tune_grace_epochs": 1})
    scheduler = NumberedScheduler(make_scheduler(settings, 3, True))
    assert decisions(scheduler, [trial(0, [0.1, 0.2, 0.3])]) == ["CONTINUE"] * 3
