"""Keys depend on the seed alone, and a search goes on with the trials that have not ended."""

import itertools
from collections import Counter

import numpy as np
import pytest

pytest.importorskip("ray")

from recbole_fn.tune import records
from recbole_fn.tune import searchers as choosing
from recbole_fn.tune.dimension import dimensions
from recbole_fn.tune.drawing import domain, drawn, num_trials, value_of
from recbole_fn.tune.searchers import NumberedSearcher
from recbole_fn.tune.storage import Storage
from recbole_fn.utils.errors import InputError
from tests.helpers.trials import trial
from tests.tune.test_space import defined

SPACE = {
    "learning_rate": {"loguniform": [1e-4, 1e-2]},
    "n_layers": {"randint": [1, 4]},
    "hidden_dropout_prob": {"choice": [0.1, 0.5]},
    "hidden_size": {"quniform": [16, 64, 16]},
    "attn_dropout_prob": {"uniform": [0, 1]},
}


def first(search, number):
    return list(itertools.islice(drawn(search), number))


def test_drawn_keys_are_in_their_ranges_and_of_their_types():
    for keys in first(defined(SPACE), 200):
        assert list(keys) == list(SPACE)
        assert 1e-4 <= keys["learning_rate"] <= 1e-2 and type(keys["learning_rate"]) is float
        assert keys["n_layers"] in (1, 2, 3) and type(keys["n_layers"]) is int
        assert keys["hidden_dropout_prob"] in (0.1, 0.5)
        assert keys["hidden_size"] in (16, 32, 48, 64) and type(keys["hidden_size"]) is int
        assert 0 <= keys["attn_dropout_prob"] <= 1


@pytest.mark.slow
def test_the_seed_alone_decides_and_more_samples_change_none():
    search = defined(SPACE)
    assert first(search, 5)[:3] == first(search, 3)
    assert first(search.with_settings({"tune_seed": 1}), 3) != first(search, 3)


@pytest.mark.slow
def test_grid_keys_are_crossed_with_samples():
    space = {**SPACE, "n_layers": {"grid": [1, 2]}, "hidden_dropout_prob": {"grid": [0.1, 0.2]}}
    search = defined(space, tune_keys={"tune_num_samples": 3})
    assert num_trials(search) == 12
    pairs = [(keys["n_layers"], keys["hidden_dropout_prob"]) for keys in first(search, 4)]
    assert pairs == [(1, 0.1), (1, 0.2), (2, 0.1), (2, 0.2)]


def test_grid_search_tries_all_combinations_once():
    space = {"n_layers": {"choice": [1, 2]}, "hidden_size": {"grid": [16, 32]}}
    search = defined(space, tune_keys={"tune_search": "grid"})
    assert num_trials(search) == 4
    assert len({tuple(keys.values()) for keys in first(search, 4)}) == 4


def test_trials_that_have_not_ended_come_first_then_new_ones(own_folder):
    search, storage = defined(SPACE, tune_keys={"tune_num_samples": 4}), Storage("place")
    trials = [trial(0, [0.1]), trial(1, [0.1], "running", x=5), trial(2, [], "pending", x=6)]
    searcher = NumberedSearcher(search, storage, trials, True)
    suggested = [searcher.suggest(name) for name in "abcd"]
    assert [one["number"] for one in suggested[:3]] == [1, 2, 3] and suggested[
        3
    ] == searcher.FINISHED
    assert [one["keys"] for one in suggested[:2]] == [{"x": 5}, {"x": 6}]
    assert suggested[2]["keys"] == first(search, 4)[3]
    assert [one.number for one in records.read_all(storage)] == [3]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 4, 1], {1, 2, 3, 4}),
        ([2, 10, 2], {2, 4, 6, 8, 10}),
        ([10, 20, 8], {16}),
        ([10, 64, 16], {16, 32, 48, 64}),
        ([0.1, 0.5, 0.15], {0.15, 0.3, 0.45}),
        ([0.1, 0.3, 0.1], {0.1, 0.2, 0.3}),
        ([-1, 1, 0.5], {-1.0, -0.5, 0.0, 0.5, 1.0}),
    ],
)
def test_all_multiples_of_a_step_are_drawn_as_often_and_nothing_else(values, expected):
    (one,) = dimensions({"a": {"quniform": values}})
    random = np.random.RandomState(0)
    drawn_values = [value_of(one, domain(one).sample(random_state=random)) for _ in range(4000)]
    counts = Counter(drawn_values)
    assert set(counts) == expected and len({type(value) for value in counts}) == 1
    for count in counts.values():
        assert abs(count / 4000 - 1 / len(expected)) < 0.04
    assert isinstance(drawn_values[0], int) == all(isinstance(v, int) for v in values)


def test_a_searcher_of_ray_chooses_multiples_too(monkeypatch, own_folder):
    recorder = Recorder()
    recorder.suggest = lambda name: {"n_layers": np.int64(4), "learning_rate": 0.1}
    monkeypatch.setattr(choosing, "make_searcher", lambda *_: recorder)
    space = {"n_layers": {"quniform": [2, 8, 2]}, "learning_rate": {"uniform": [0, 1]}}
    search = defined(space, tune_keys={"tune_search": "optuna"})
    searcher = NumberedSearcher(search, Storage("place"), [], True)
    assert searcher.suggest("a")["keys"] == {"n_layers": 8, "learning_rate": 0.1}


class Recorder:
    """A searcher that notes what it is told, and chooses by it."""

    def __init__(self):
        self.events = []

    def suggest(self, name):
        self.events.append(("suggest", name))
        return {"learning_rate": len(self.events)}

    def on_trial_complete(self, name, result, error):
        self.events.append(("end", name, result and result["best_score"], error))


def test_a_searcher_lives_again_through_what_was_chosen_and_what_ended(monkeypatch):
    recorder = Recorder()
    monkeypatch.setattr(choosing, "make_searcher", lambda *_: recorder)
    trials = [trial(0, [0.1, 0.3]), trial(1, [], "failed"), trial(2, [0.2], "running")]
    search = defined(SPACE, tune_keys={"tune_search": "optuna"})
    searcher = NumberedSearcher(search, Storage("place"), trials, True)
    assert recorder.events == [
        ("suggest", "0000"),
        ("suggest", "0001"),
        ("end", "0001", None, True),
        ("suggest", "0002"),
        ("end", "0000", 0.3, False),
    ]
    assert searcher.suggest("a")["number"] == 2  # it goes on, with its own keys
    assert searcher.suggest("b") == {"number": 3, "keys": {"learning_rate": 6}}
    searcher.on_trial_complete("b", {"best_score": 0.5})
    assert recorder.events[-1] == ("end", "0003", 0.5, False)


@pytest.mark.parametrize("name", ["optuna", "hyperopt"])
def test_a_searcher_chooses_again_what_it_chose_or_says_what_is_missing(name):
    search = defined(SPACE, tune_keys={"tune_search": name})
    try:
        __import__(name)
    except ImportError:
        with pytest.raises(InputError, match=rf"{name} is not installed; pip install .*\[{name}\]"):
            choosing.make_searcher(search, True)
        return
    trials, storage = [], Storage("place")
    whole = NumberedSearcher(search, storage, [], True)
    for number, score in enumerate((0.1, 0.4, 0.2)):
        keys = whole.suggest(str(number))["keys"]
        trials.append(trial(number, [score], **keys))
        trials[-1].chosen, trials[-1].ended = 2.0 * number, 2.0 * number + 1
        whole.on_trial_complete(str(number), {"best_score": score})
    again = NumberedSearcher(search, storage, trials, True)
    assert again.suggest("next") == whole.suggest("next")


def test_a_searcher_is_told_again_that_a_trial_failed_whatever_it_had(monkeypatch):
    recorder = Recorder()
    monkeypatch.setattr(choosing, "make_searcher", lambda *_: recorder)
    search = defined(SPACE, tune_keys={"tune_search": "optuna"})
    NumberedSearcher(search, Storage("place"), [trial(0, [0.9], "failed")], True)
    assert recorder.events == [("suggest", "0000"), ("end", "0000", None, True)]
