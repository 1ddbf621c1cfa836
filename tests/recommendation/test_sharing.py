"""Several processes write the file that one writes; Ray runs in a process of its own."""

import os
import subprocess
import sys

import pytest

from recbole_fn.cli.dispatch import main
from tests.helpers.runs import ROOT
from tests.helpers.saved_runs import saved_run


@pytest.mark.slow
def test_processes_write_the_same_file(own_folder):
    _, checkpoint = saved_run(own_folder / "saved", epochs=1)
    command = [sys.executable, "-W", "ignore", "-m", "tests.helpers.sharing", checkpoint]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    subprocess.run(command, env=environment, check=True, timeout=300)
    assert (own_folder / "shared.csv").read_bytes() == (own_folder / "one.csv").read_bytes()
    assert not list(own_folder.glob(".*parts"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--nproc=0", "--out=a.csv"], "--nproc is 0; it must be an integer from 1"),
        (["--nproc=2"], "--nproc is for a file; --out must be set, or --nproc left out"),
        (["--ray_address=auto"], "--ray_address is for a file"),
    ],
)
def test_mistakes_end_with_one_line(options, words, capsys):
    assert main(["recommend", "--checkpoint=x.pth", *options]) == 2
    assert words in capsys.readouterr().err
