"""Wrong packages are named before anything else fails."""

import re

import pytest

from recbole_fn import environment
from recbole_fn.errors import InputError


def test_the_packages_of_this_run_are_right():
    assert environment.problems() == []
    environment.require_working_packages()


def test_a_wrong_version_and_a_missing_package_are_named():
    found = environment.problems(("numpy<1", "no-such-package>=3"))
    assert re.fullmatch(r"numpy 1\.\d+\.\d+ is installed; numpy<1 is needed", found[0])
    assert found[1] == "no-such-package is not installed; no-such-package>=3 is needed"


def test_a_wrong_environment_is_an_error_of_one_line(monkeypatch):
    monkeypatch.setattr(environment, "problems", lambda: ["numpy 2.4 is installed", "no torch"])
    with pytest.raises(InputError, match="numpy 2.4 is installed; no torch") as caught:
        environment.require_working_packages()
    assert "\n" not in str(caught.value)
