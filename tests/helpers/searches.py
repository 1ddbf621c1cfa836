"""Starts a search as a user does, and reads what its trials have written so far."""

import json
import os
import subprocess
import sys

from tests.helpers.runs import ROOT


def started(*arguments, folder):
    """Starts the script in a folder, in a session of its own, with Python's default warnings."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
    environment |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(ROOT / "run_recbole_fn.py"), *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True, **pipes)


def record(place, number, name="record"):
    """A file of a trial; empty while it is not there."""
    path = place / "trials" / f"{number:04d}" / f"{name}.json"
    return json.loads(path.read_text()) if path.is_file() else {}


def scores(place, number):
    return [entry["score"] for entry in record(place, number).get("epochs", [])]


def status(place, number):
    return record(place, number, "end").get("status")
