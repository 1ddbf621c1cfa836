"""No command floods the screen with warnings about RecBole, and other warnings are shown.

A search is read in tests/tune/test_tuning.py.
"""

import os
import subprocess
import sys
import warnings

import pytest

import recbole_fn
from recbole_fn.environment.warning_filters import show_known_warnings, silence_known_warnings
from tests.cli.test_dispatch import tiny
from tests.cli.test_simulate import KEYS, MEASURE, WORLD
from tests.helpers.runs import ROOT

FEW = tiny("--epochs=1", "--state=ERROR", "--show_progress=False")
DATA = ["--dataset=tiny", f"--data_path={ROOT / 'dataset'}", "--model=GRU4Rec"]


def run(*arguments):
    """Runs a module as a user does, with the warnings that Python shows by default."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
    environment |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ["recbole_fn", *FEW],
        ["recbole_fn", *FEW, "--nproc=2"],
        ["recbole_fn", "compare", *FEW, "--variants=flip,recbole-ce", "--out=out"],
        ["recbole_fn", "benchmark", *DATA, "--quick", "--repeats=1", "--rows=64"],
        ["recbole_fn", "benchmark", "--scale", "400", "--each=8", "--items=40", "--sides=recbole"],
    ],
    ids=["training", "ranks", "jobs", "benchmark", "scale"],
)
def test_no_warning_about_recbole_is_shown_or_logged(arguments, own_folder):
    texts = [run(*arguments)]
    texts += [path.read_text() for path in own_folder.glob("out/jobs/*.log")]
    assert len(texts) == 1 + 2 * ("compare" in arguments)
    assert [line for text in texts for line in text.splitlines() if "Warning" in line] == []


@pytest.mark.slow
def test_a_simulation_is_quiet_too():
    assert "Warning" not in run("recbole_fn", *WORLD)
    assert "Warning" not in run("recbole_fn", *MEASURE, "--epochs=1", *KEYS)


def test_other_warnings_are_shown():
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        silence_known_warnings()
        for module in ("recbole.data.dataset.dataset", "recbole_fn.trainer", "users_model"):
            warnings.warn_explicit("old", FutureWarning, f"{module}.py", 1, module)
        warnings.warn_explicit("odd", UserWarning, "x.py", 1, "recbole.trainer")
    assert [(str(one.message), one.filename) for one in shown] == [
        ("old", "recbole_fn.trainer.py"),
        ("old", "users_model.py"),
        ("odd", "x.py"),
    ]


def test_registering_silences_them_and_unregistering_shows_them_again():
    recbole_fn.unregister()
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        for act in (recbole_fn.register, recbole_fn.unregister):
            act()
            warnings.warn_explicit("old", FutureWarning, "x.py", 1, "recbole.trainer.trainer")
            assert len(shown) == (act is recbole_fn.unregister)


def test_a_filter_of_the_users_stays():
    with warnings.catch_warnings():
        warnings.resetwarnings()
        warnings.filterwarnings("error", "mine")
        before = list(warnings.filters)
        silence_known_warnings()
        show_known_warnings()
        assert warnings.filters == before
