"""How a group of processes ends."""

import os
import signal
import sys
import time

import pytest
from torch.multiprocessing.spawn import ProcessRaisedException

from recbole_fn.distributed.launch import launch
from recbole_fn.errors import RankError


def end(rank, how):
    """Rank 1 ends badly; the others would go on for long."""
    if rank == 1:
        how()
    time.sleep(600)


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


def leave():
    sys.exit(3)


def fail():
    raise KeyError("something else")


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        (
            kill,
            RankError,
            r"^rank 1 of the 2 on this machine \(process \d+\) was killed by SIGKILL",
        ),
        (leave, RankError, "^rank 1 .* ended with exit code 3"),
        (fail, ProcessRaisedException, "KeyError: 'something else'"),
    ],
)
def test_one_bad_end_is_told_and_ends_all(how, error, words):
    with pytest.raises(error, match=words) as caught:
        launch(end, 2, how)
    assert "\n" not in str(caught.value) or error is ProcessRaisedException
