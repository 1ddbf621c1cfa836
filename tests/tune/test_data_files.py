"""A search never goes on with other data than it began with."""

import shutil
from pathlib import Path

import pytest

pytest.importorskip("ray")

from recbole_fn.tune import tuning
from recbole_fn.tune.data_files import require_same_files
from recbole_fn.tune.definition import define, shares_data
from recbole_fn.tune.dimension import dimensions
from recbole_fn.tune.storage import Storage
from recbole_fn.utils.errors import InputError
from tests.helpers.runs import ROOT, SMALL

KEYS = {**SMALL, "fn_enabled": True, "data_path": "data"}


@pytest.fixture
def data_file(own_folder):
    """A copy of the data set, which a test may change."""
    shutil.copytree(ROOT / "dataset" / "tiny", own_folder / "data" / "tiny")
    return own_folder / "data" / "tiny" / "tiny.inter"


@pytest.fixture
def calls(monkeypatch):
    """The trials and the end of a search are noted instead of run."""
    noted = []
    monkeypatch.setattr(tuning, "run_trials", lambda *arguments: noted.append("trials"))
    monkeypatch.setattr(tuning, "conclude", lambda *arguments: noted.append("end"))
    return noted


def defined(space, **keys):
    return define("SASRec", "tiny", {**KEYS, **keys}, {}, dimensions(space), {})


def test_a_search_whose_data_has_changed_is_not_gone_on_with(data_file, calls):
    space = {"fn_flip_after": {"choice": [1, 2]}}
    tuning.tune("SASRec", "tiny", None, KEYS, space, out="out")
    tuning.resume("out")
    assert calls == ["trials", "end"] * 2
    text = data_file.read_text()
    data_file.write_text(text[:-9])
    with pytest.raises(InputError, match="data set file 'tiny.inter' has changed since"):
        tuning.resume("out")
    assert calls == ["trials", "end"] * 2
    data_file.write_text(text)
    tuning.resume("out")


@pytest.mark.parametrize(("key", "value"), [("tune_search", "grid"), ("tune_seed", 7)])
def test_a_search_goes_on_by_the_rule_by_which_it_began(key, value, data_file, calls):
    space = {"fn_flip_after": {"choice": [1, 2]}}
    tuning.tune("SASRec", "tiny", None, KEYS, space, out="out")
    with pytest.raises(InputError, match=f"{key} is '?{value}'?, and the search began with"):
        tuning.resume("out", {key: value})
    tuning.resume("out", {"tune_num_samples": 3})
    assert calls == ["trials", "end"] * 2


def test_data_that_changes_during_a_search_is_not_tested_on(data_file, calls, monkeypatch):
    monkeypatch.setattr(tuning, "run_trials", lambda *arguments: data_file.write_text("other"))
    space = {"fn_flip_after": {"choice": [1, 2]}}
    with pytest.raises(InputError, match="'tiny.inter' has changed since"):
        tuning.tune("SASRec", "tiny", None, KEYS, space, out="out")
    assert calls == []


def test_each_folder_of_data_that_is_searched_over_has_its_own_files(data_file):
    shutil.copytree("data", "other")
    Path("other/tiny/tiny.inter").write_text(data_file.read_text()[:-9])
    storage = Storage("out")
    for _ in range(2):
        for folder in ("data", "other"):
            _, config = defined({"epochs": {"choice": [1]}}, data_path=folder)
            require_same_files(storage, config)
    Path("other/tiny/tiny.inter").write_text(data_file.read_text()[:-18])
    with pytest.raises(InputError, match="has changed since"):  # of the last folder alone
        require_same_files(storage, config)
    require_same_files(storage, defined({"epochs": {"choice": [1]}}, data_path="data")[1])


@pytest.mark.parametrize(
    ("name", "values", "is_shared"),
    [
        ("learning_rate", [0.1], True),
        ("MAX_ITEM_LIST_LENGTH", [9], False),
        ("seed", [1, 2], False),
        ("encoding", ["utf-8"], False),
        ("discretization", [None], False),
        ("numerical_features", [[]], False),
        ("fn_feedback_negative", ["<= 2"], False),
        ("fn_feedback_neutral", ["== 3"], False),
    ],
)
def test_trials_share_data_only_where_no_key_of_the_data_is_searched_over(name, values, is_shared):
    search, config = defined({name: {"choice": values}}, data_path=SMALL["data_path"])
    assert shares_data(search, config) == is_shared
