"""A process that trains for long and often, and prints what it holds as JSON."""

import json
import os
import sys
import threading
from pathlib import Path

import torch

import recbole_fn
from recbole_fn.training.trainer import FNTrainer
from tests.helpers.runs import ON, SMALL

KEYS = {**SMALL, **ON, "fn_start": 0, "stopping_step": 1000, "n_layers": 1, "state": "INFO"}


def memory():
    """Resident memory of this process, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def open_files():
    """What this process has open, by name."""
    links = []
    for handle in Path("/proc/self/fd").iterdir():
        try:
            links.append(os.readlink(handle))
        except FileNotFoundError:  # the one that lists the folder
            continue
    return sorted(links)


def children():
    """Processes that this one has started."""
    tasks = Path("/proc/self/task").iterdir()
    return [pid for task in tasks for pid in (task / "children").read_text().split()]


def train(**keys):
    """Trains and tests; returns the memory after each epoch."""
    validate, memories = FNTrainer._valid_epoch, []

    def noting(self, *args, **kwargs):
        result = validate(self, *args, **kwargs)
        memories.append(memory())
        return result

    FNTrainer._valid_epoch = noting
    try:
        recbole_fn.run_recbole_fn("SASRec", "tiny", None, {**KEYS, **keys})
    finally:
        FNTrainer._valid_epoch = validate
    return memories


def held():
    """What must not grow from run to run."""
    names = [thread.name for thread in threading.enumerate()]
    depth, stream = 0, sys.stderr
    while hasattr(stream, "_StreamWrapper__wrapped"):
        depth, stream = depth + 1, stream._StreamWrapper__wrapped
    return {"files": open_files(), "children": children(), "threads": names, "wrapped": depth}


if __name__ == "__main__":
    sys.argv = sys.argv[:1]
    torch.set_num_threads(1)
    memories = train(epochs=60)
    states = [held()]
    for more in ({}, {"worker": 2}, {"fn_enabled": False, "train_neg_sample_args": None}):
        train(epochs=2, **more)
        states.append(held())
    print(json.dumps({"memories": memories, "states": states}))
