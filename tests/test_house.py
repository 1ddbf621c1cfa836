"""The shape of the house: few loose modules, rooms of one job, short files, mirrored tests."""

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest
from recbole.trainer import Trainer

import recbole_fn

PACKAGE = Path(recbole_fn.__file__).parent
ROOMS = sorted(path.parent for path in PACKAGE.glob("*/__init__.py"))


def test_few_modules_lie_loose():
    loose = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "__main__"}
    assert loose == {"quick_start", "user_model"}


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_room_says_its_job_and_has_tests(room, root):
    assert ast.get_docstring(ast.parse((room / "__init__.py").read_text()))
    assert list((root / "tests" / room.name).glob("test_*.py"))


def test_no_file_is_longer_than_one_reads():
    lengths = {path: len(path.read_text().splitlines()) for path in PACKAGE.rglob("*.py")}
    assert {str(path): length for path, length in lengths.items() if length > 200} == {}


def _private_names(path):
    """The private names that a file defines, without those of RecBole's own methods."""
    for node in ast.walk(ast.parse(path.read_text())):
        is_of_self = isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self"
        name = node.attr if is_of_self else getattr(node, "name", None) or ""
        if re.match("_(?!_)", name) and not hasattr(Trainer, name):
            yield name


def _attributes(path):
    """The names of all attributes that a file reads, of anything but `self` and `super()`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) not in ("self", "super()"):
            yield node.attr


def test_no_private_name_of_ours_is_read_in_another_file(root):
    private = {}
    for path in PACKAGE.rglob("*.py"):
        for name in _private_names(path):
            private.setdefault(name, set()).add(path)
    files = [*PACKAGE.rglob("*.py"), *(root / "tests").rglob("*.py")]
    read = {(name, path) for path in files for name in _attributes(path) if name in private}
    wrong = {(name, path.name) for name, path in read if path not in private[name]}
    # RecBole's loaders have these names too, and no public ones for them.
    assert wrong <= {("_dataset", "loaders.py"), ("_sampler", "loaders.py")}


def test_each_net_for_foreign_exceptions_says_what_it_is_for():
    for path in sorted(PACKAGE.rglob("*.py")):
        lines = path.read_text(encoding="utf-8").splitlines()
        for before, line in pairwise(lines):
            if "mistakes_in(" in line and path.name != "errors.py":
                assert before.lstrip().startswith("# ") or "  # " in line, f"{path}: {line.strip()}"
