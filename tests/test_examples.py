"""The examples in docstrings run, and give what they say they give."""

import doctest
import importlib
import pkgutil

import pytest

import recbole_fn


def _modules():
    return sorted(m.name for m in pkgutil.walk_packages(recbole_fn.__path__, "recbole_fn."))


@pytest.mark.parametrize("name", [name for name in _modules() if not name.endswith("__main__")])
def test_the_examples_of_a_module_run(name):
    if name.startswith("recbole_fn.serving."):
        pytest.importorskip("fastapi", reason="needs the extra serve")
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=flags)
    assert failed == 0
