"""The examples in docstrings run, and give what they say they give."""

import doctest
import importlib
import pkgutil

import pytest

import recbole_fn
from tests.helpers.examples import Given, names_of
from tests.helpers.examples import own_folder as own_folder_of

_EXTRAS = {".serving.": "fastapi", "faiss_index": "faiss"}
_FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def _modules():
    return sorted(m.name for m in pkgutil.walk_packages(recbole_fn.__path__, "recbole_fn."))


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """What the examples of all modules share."""
    given = Given(tmp_path_factory.mktemp("given"))
    yield given
    given.end()


@pytest.mark.parametrize("name", [name for name in _modules() if not name.endswith("__main__")])
def test_the_examples_of_a_module_run(name, given, own_folder, monkeypatch):
    for package in (package for part, package in _EXTRAS.items() if part in name):
        pytest.importorskip(package, reason="needs an extra")
    runner = doctest.DocTestRunner(optionflags=_FLAGS)
    found = doctest.DocTestFinder().find(importlib.import_module(name))
    for test in (test for test in found if test.examples):
        folder = own_folder_of(own_folder / test.name)
        monkeypatch.chdir(folder)
        test.globs = {**given.values(names_of(test), folder), **test.globs}
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0
    assert given.unchanged()
