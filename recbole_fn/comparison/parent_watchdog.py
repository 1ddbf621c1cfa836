"""A job does not outlive the process that started it, however that one ended."""

import os
import signal
import sys
import threading


def end_with_parent(*pipes: int) -> None:
    """Interrupts this process, as Ctrl-C does, once nobody holds one of some pipes any more.

    Args:
        *pipes: Descriptors to read from; standard input by default.

    Example:
        A process that would sleep, whose parent closes the pipe:

        >>> import subprocess
        >>> code = f"import time, {__name__} as w; w.end_with_parent(); time.sleep(60)"
        >>> done = subprocess.run([sys.executable, "-c", code], input=b"", capture_output=True)
        >>> done.stderr.split()[-1]
        b'KeyboardInterrupt'
    """
    # A shell script starts background commands with Ctrl-C ignored, and all that they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for pipe in pipes or (sys.stdin.fileno(),):
        threading.Thread(target=_wait, args=(pipe,), daemon=True).start()


def _wait(descriptor: int) -> None:
    while os.read(descriptor, 1):
        pass
    os.kill(os.getpid(), signal.SIGINT)
