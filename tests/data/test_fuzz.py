"""Made-up data sets: each history and target is that of a naive reader of the same files.

Where a file cannot be used as the keys ask, the run stops with one line.
"""

from collections import Counter

import pytest
import recbole.data
from recbole.config import Config

import recbole_fn
from recbole_fn.utils.errors import InputError, mistakes_in
from tests.data.test_time_order import HEAD, tokens_of
from tests.helpers.made_up_data import EVALUATIONS, MadeUp
from tests.helpers.naive_reader import Refused, splits
from tests.helpers.runs import ON, SMALL


def read(folder, keys):
    """The rows of training, validation and test, as a run reads them; or why it stops."""
    base = {**SMALL, **ON, "data_path": str(folder), "state": "ERROR"}
    try:
        with mistakes_in("the data set"):
            config = Config("SASRec", "own", config_dict={**base, **keys})
            return [tokens_of(split) for split in recbole.data.create_dataset(config).build()]
    except InputError as error:
        return str(error)


def naive(folder, keys):
    """The same by the naive reader; None where a run has to stop."""
    try:
        return splits(folder, keys)
    except Refused:
        return None


def outcome(folder, made):
    """What became of a data set, in a word; fails where a run reads it otherwise."""
    made.write(folder / "own")
    expected, rows = naive(folder / "own", made.keys), read(folder, made.keys)
    if isinstance(rows, str):
        # Where no row is left to train on, a run may stop too.
        assert "\n" not in rows and not (expected and expected[0]), rows
        return "refused"
    assert expected is not None, "a run reads what it should refuse"
    for split, wanted in zip(rows, expected, strict=True):
        assert sorted(split) == sorted(wanted)
    return "equal"


def outcomes(folder, seeds):
    recbole_fn.register()
    return Counter(outcome(folder, MadeUp(seed)) for seed in seeds)


@pytest.mark.slow
def test_made_up_data_sets_equal_a_naive_reader_or_are_refused(tmp_path):
    counts = outcomes(tmp_path, range(50))
    assert counts["equal"] > 20 and counts["refused"] > 5


@pytest.mark.slow
@pytest.mark.parametrize("first", range(50, 500, 90))
def test_more_made_up_data_sets(first, tmp_path):
    counts = outcomes(tmp_path, range(first, first + 90))
    assert counts["equal"] > 50 and counts["refused"] > 10


@pytest.mark.slow
def test_the_naive_reader_tells_times_that_are_rounded(tmp_path):
    recbole_fn.register()
    made = next(one for one in map(MadeUp, range(99)) if one.unit == "seconds")
    made.files = {"own.inter": f"{HEAD}u\ta\t1700000002\nu\tb\t1700000001\nu\tc\t1700000003\n"}
    made.files = {name: text.encode() for name, text in made.files.items()}
    made.keys = {"MAX_ITEM_LIST_LENGTH": 5, "eval_args": EVALUATIONS[2] | {"order": "TO"}}
    assert outcome(tmp_path, made) == "equal"
    made.keys["fn_whole_times"] = False
    with pytest.raises(AssertionError):
        outcome(tmp_path, made)
