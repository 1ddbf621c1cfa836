"""What the package promises to pip is what it needs: each import, and the versions of Python."""

import ast
import re
import sys

import pytest

from recbole_fn.environment import packages as environment
from tests.helpers.runs import ROOT

PACKAGES = {
    "yaml": "pyyaml",
    "faiss": "faiss-cpu",
}  # what a module's package is called, where it differs
FILES = sorted((ROOT / "recbole_fn").rglob("*.py"))


def imported(path):
    """The names of the top-level modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.split(".")[0]


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(requirements):
    return {normal(re.match(r"[\w.-]+", line)[0]) for line in requirements}


@pytest.mark.slow
@pytest.mark.parametrize("requirements", [environment.REQUIREMENTS, environment.NEWER])
def test_each_package_that_is_imported_is_declared(requirements):
    modules = {name for path in FILES for name in imported(path)}
    others = modules - set(sys.stdlib_module_names) - {"recbole_fn"}
    assert {"torch", "recbole", "yaml", "filelock"} <= others  # the walk sees something
    extras = {name for lines in environment.EXTRAS.values() for name in declared(lines)}
    assert {normal(PACKAGES.get(name, name)) for name in others} <= declared(requirements) | extras


def promised():
    """The lowest version of Python in `setup.py`, `.ruff.toml` and `setup.cfg`."""
    in_setup = re.search(r'python_requires=">=3\.(\d+),', (ROOT / "setup.py").read_text())
    in_ruff = re.search(r'target-version = "py3(\d+)"', (ROOT / ".ruff.toml").read_text())
    in_mypy = re.search(r"python_version = 3\.(\d+)", (ROOT / "setup.cfg").read_text())
    return [int(match[1]) for match in (in_setup, in_ruff, in_mypy)]


@pytest.mark.slow
def test_lint_and_types_are_checked_for_the_oldest_python_that_is_promised():
    assert promised() == [10, 10, 10]
    assert sys.version_info >= (3, promised()[0])
    for path in FILES:
        ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, promised()[0]))
