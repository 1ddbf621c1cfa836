"""What the package imports is declared, and what is declared is used."""

import ast
import re
import sys
from pathlib import Path

import pytest

import recbole_fn
from recbole_fn.environment.packages import EXTRAS, REQUIREMENTS

PACKAGE = Path(recbole_fn.__file__).parent
NAMES = {"yaml": "pyyaml", "pkg_resources": "setuptools", "faiss": "faiss-cpu"}
# Ray 2.6.3 imports setuptools, and pandas tabulate, without asking for it.
OF_OTHERS = {"setuptools", "tabulate"}
OF_AN_EXTRA = {"hyperopt", "optuna"}


def imported():
    names = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module)
    tops = {name.split(".")[0] for name in names}
    return {NAMES.get(top, top) for top in tops - set(sys.stdlib_module_names) - {"recbole_fn"}}


@pytest.mark.slow
def test_imports_and_requirements_are_the_same():
    extras = [line for lines in EXTRAS.values() for line in lines]
    declared = {re.split(r"[^\w-]", line)[0] for line in [*REQUIREMENTS, *extras]}
    assert imported() - OF_AN_EXTRA == declared - OF_OTHERS
