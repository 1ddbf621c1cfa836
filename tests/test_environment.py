"""Wrong packages are named before anything else fails."""

import re
from importlib import metadata

import pytest

from recbole_fn import environment
from recbole_fn.errors import InputError


def test_the_packages_of_this_run_are_one_of_the_sets():
    found = [
        environment.problems(needed) for needed in (environment.REQUIREMENTS, environment.NEWER)
    ]
    assert [] in found and found != [[], []]
    environment.require_working_packages()


def test_a_wrong_version_and_a_missing_package_are_named():
    found = environment.problems(("numpy<1", "no-such-package>=3"))
    assert re.fullmatch(r"numpy \d\.\d+\.\d+ is installed; numpy<1 is needed", found[0])
    assert found[1] == "no-such-package is not installed; no-such-package>=3 is needed"


@pytest.mark.parametrize(
    ("ray", "numpy", "told"),
    [
        ("2.6.3", "1.26.4", None),
        ("2.60.0", "2.4.6", None),
        ("2.60.0", "1.26.4", ["default set (ray 2.60.0 is", "newer one (numpy 1.26.4 is"]),
        ("2.6.3", "2.4.6", ["default set (numpy 2.4.6 is", "newer one (ray 2.6.3 is"]),
    ],
)
def test_either_set_is_right_and_a_mixture_is_one_line(ray, numpy, told, monkeypatch):
    """Also with a setuptools and a pyarrow that both sets take."""
    installed = {"ray": ray, "numpy": numpy, "setuptools": "81.0.0", "pyarrow": "25.0.1"}
    found = metadata.version
    monkeypatch.setattr(
        environment.metadata, "version", lambda name: installed.get(name) or found(name)
    )
    if told is None:
        environment.require_working_packages()
        return
    with pytest.raises(InputError, match="neither the default set") as caught:
        environment.require_working_packages()
    assert all(words in str(caught.value) for words in told) and "\n" not in str(caught.value)


def test_the_newer_set_names_all_that_recbole_requires():
    """RecBole is installed without its dependencies there."""
    required = {
        re.match(r"[\w-]+", line)[0].lower()
        for line in metadata.requires("recbole")
        if "extra" not in line
    }
    assert required <= {re.match(r"[\w-]+", needed)[0] for needed in environment.NEWER}
