"""The shape of the house: few loose modules, rooms of one job, short files, mirrored tests."""

import ast
from pathlib import Path

import pytest

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
