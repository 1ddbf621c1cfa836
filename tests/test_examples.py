"""The examples in docstrings run, and give what they say they give."""

import doctest
import importlib
import pkgutil

import pytest

import recbole_fn
from tests.helpers.examples import SLOW, Given, names_of
from tests.helpers.examples import own_folder as own_folder_of

_EXTRAS = {".serving.": "fastapi", "faiss_index": "faiss", "onnx_graph": "onnx"}
_FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def _modules():
    names = (m.name for m in pkgutil.walk_packages(recbole_fn.__path__, "recbole_fn."))
    return sorted(name for name in names if not name.endswith("__main__"))


def _examples(module):
    found = doctest.DocTestFinder().find(importlib.import_module(module))
    return [test for test in found if test.examples]


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """What the examples of all modules share."""
    given = Given(tmp_path_factory.mktemp("given"))
    yield given
    given.end()


def _run(test, runner, given, folder, monkeypatch):
    for package in (package for part, package in _EXTRAS.items() if part in test.name):
        pytest.importorskip(package, reason="needs an extra")
    monkeypatch.chdir(folder)
    test.globs = {**given.values(names_of(test), folder), **test.globs}
    runner.run(test)


@pytest.mark.parametrize("name", _modules())
def test_the_examples_of_a_module_run(name, given, own_folder, monkeypatch):
    runner = doctest.DocTestRunner(optionflags=_FLAGS)
    for test in (test for test in _examples(name) if test.name not in SLOW):
        _run(test, runner, given, own_folder_of(own_folder / test.name), monkeypatch)
    assert runner.summarize(verbose=False).failed == 0
    assert given.unchanged()


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_an_example_that_takes_seconds_runs(name, given, own_folder, monkeypatch):
    runner = doctest.DocTestRunner(optionflags=_FLAGS)
    module = max((one for one in _modules() if name.startswith(f"{one}.")), key=len)
    (test,) = [test for test in _examples(module) if test.name == name]
    _run(test, runner, given, own_folder_of(own_folder / name), monkeypatch)
    assert runner.summarize(verbose=False).failed == 0
    assert given.unchanged()
