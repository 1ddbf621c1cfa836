"""Wrong packages are named before anything else fails."""

import io
import re
import subprocess
import sys
from contextlib import redirect_stderr
from importlib import metadata

import pytest

from recbole_fn.cli import main
from recbole_fn.environment import packages as environment
from recbole_fn.utils.errors import InputError
from tests.cli.test_dispatch import tiny


def test_the_packages_of_this_run_are_one_of_the_sets():
    lists = [
        environment.problems(needed) for needed in (environment.REQUIREMENTS, environment.NEWER)
    ]
    assert [] in lists and lists != [[], []]
    environment.require_training_packages()
    environment.require_ray_packages()


def test_a_wrong_version_and_a_missing_package_are_named():
    sentences = environment.problems(("numpy<1", "no-such-package>=3"))
    assert re.fullmatch(r"numpy \d\.\d+\.\d+ is installed; numpy<1 is needed", sentences[0])
    assert sentences[1] == "no-such-package is not installed; no-such-package>=3 is needed"


@pytest.fixture
def installed(monkeypatch):
    """Versions of packages that stand for those that are there; None for one that is not."""
    installed, versions = metadata.version, {}

    def version(name):
        if name in versions and versions[name] is None:
            raise metadata.PackageNotFoundError(name)
        return versions.get(name) or installed(name)

    monkeypatch.setattr(environment.metadata, "version", version)
    environment.require_training_packages.cache_clear()
    # Both sets take these.
    versions |= {"setuptools": "81.0.0", "pyarrow": "25.0.1", "torch": "2.6.0", "pandas": "2.3.3"}
    return versions


def line_of(check):
    """The line with which a check refuses; None where it does not."""
    try:
        check()
    except InputError as error:
        line = str(error)
    else:
        return None
    assert line.startswith("the installed packages are neither the default set (")
    assert "\n" not in line
    return line


@pytest.mark.parametrize(
    ("ray", "numpy", "expected"),
    [
        ("2.6.3", "1.26.4", None),
        ("2.60.0", "2.4.6", None),
        ("2.60.0", "1.26.4", ["default set (ray 2.60.0 is", "newer one (numpy 1.26.4 is"]),
        ("2.6.3", "2.4.6", ["default set (numpy 2.4.6 is", "newer one (ray 2.6.3 is"]),
        (None, "1.26.4", ["default set (ray is not installed", "newer one (numpy 1.26.4 is"]),
    ],
)
def test_ray_needs_either_set_and_a_mixture_is_one_line(ray, numpy, expected, installed):
    installed.update(ray=ray, numpy=numpy)
    line = line_of(environment.require_ray_packages)
    assert (line is None) == (expected is None)
    assert all(words in line for words in expected or ())
    assert line_of(environment.require_training_packages) is None


@pytest.mark.parametrize(
    ("package", "version"),
    [("pyarrow", "26.0.0"), ("pyarrow", None), ("setuptools", "82.0.0"), ("ray", "2.9.0")],
)
def test_what_only_ray_needs_is_no_matter_for_training(package, version, installed):
    installed.update(ray="2.6.3", numpy="1.26.4")
    installed[package] = version
    assert line_of(environment.require_training_packages) is None
    words = (
        f"{package} is not installed" if version is None else f"{package} {version} is installed"
    )
    assert words in line_of(environment.require_ray_packages)


@pytest.mark.parametrize(
    ("package", "version"),
    [("torch", "2.5.1"), ("pandas", "3.0.0"), ("numpy", "1.25.0"), ("recbole", "1.2.0")],
)
def test_training_needs_its_packages_whatever_ray_is(package, version, installed):
    installed.update(ray=None, numpy="1.26.4")
    installed[package] = version
    for check in (environment.require_training_packages, environment.require_ray_packages):
        for _ in range(2):  # a refusal is not kept
            assert line_of(check).count(f"{package} {version} is installed") == 2


@pytest.mark.slow
def test_training_imports_nothing_that_only_ray_needs():
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({[*environment.OF_RAY]}))\n"
        "import recbole_fn.comparison.job, recbole_fn.experiment.processes, recbole_fn.cli.dispatch"
    )
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code]).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "is_refused"),
    [
        (["compare", "--variants=off"], False),
        (["compare", "--variants=off", "--workers=2"], True),
        (["compare", "--variants=off", "--ray_address=auto"], True),
        (["tune", "--space=tune/fn.yaml"], True),
        (["--epochs=1"], False),
    ],
)
def test_only_commands_that_use_ray_need_it(arguments, is_refused, installed, monkeypatch):
    installed["ray"] = None
    monkeypatch.setattr("recbole_fn.comparison.compare.run_all", lambda *_: [])
    options = tiny(*arguments, "--state=ERROR")
    monkeypatch.setattr("sys.argv", ["run_recbole_fn.py", *options])
    errors = io.StringIO()
    with redirect_stderr(errors):
        assert main(options) == (2 if is_refused else 0), errors.getvalue()
    assert ("ray is not installed" in errors.getvalue()) == is_refused


def test_the_newer_set_names_all_that_recbole_requires():
    """RecBole is installed without its dependencies there."""
    required = {
        re.match(r"[\w-]+", line)[0].lower()
        for line in metadata.requires("recbole")
        if "extra" not in line
    }
    assert required <= {re.match(r"[\w-]+", needed)[0] for needed in environment.NEWER}
