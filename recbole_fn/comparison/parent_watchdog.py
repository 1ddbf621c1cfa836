"""A job does not outlive the process that started it, however that one ended."""

import os
import signal
import sys
import threading


def end_with_parent() -> None:
    """Interrupts this process, as Ctrl-C does, once nobody holds its standard input any more.

    Example:
        In a process whose standard input is a pipe of its parent's::

            end_with_parent()
            train()  # KeyboardInterrupt once the parent is gone
    """
    # A shell script starts background commands with Ctrl-C ignored, and all that they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=_wait, args=(sys.stdin.fileno(),), daemon=True).start()


def _wait(descriptor: int) -> None:
    while os.read(descriptor, 1):
        pass
    os.kill(os.getpid(), signal.SIGINT)
