"""Ctrl-C during a run: the run finishes its step and can be resumed."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from logging import getLogger
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(KeyboardInterrupt):
    """A run was stopped by Ctrl-C or SIGTERM and can be resumed.

    Attributes:
        checkpoint: The file to resume from.
        exit_code: The exit code that shells expect after this signal.

    Examples:
        >>> stopped = Interrupted("saved/X-last.pth", signal.SIGINT)
        >>> print(stopped, stopped.exit_code)
        stopped by SIGINT; saved/X-last.pth goes on from here 130
    """

    def __init__(self, checkpoint: str, signum: int) -> None:
        super().__init__(
            f"stopped by {signal.Signals(signum).name}; {checkpoint} goes on from here"
        )
        self.checkpoint, self.exit_code = checkpoint, 128 + signum


class StopRequest:
    """Whether the run has been asked to stop.

    Attributes:
        signum: The signal that asked; None so far.

    Examples:
        >>> stop = StopRequest()
        >>> with stop.listening():
        ...     print(stop.signum)
        None
    """

    def __init__(self) -> None:
        self.signum: int | None = None

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Within the context, the first signal asks to stop and the second one ends at once.

        Does nothing outside the main thread, the only one that gets signals.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {signum: signal.getsignal(signum) for signum in _SIGNALS}

        def put_back() -> None:
            for signum, handler in before.items():
                signal.signal(signum, handler)

        def ask(signum: int, _frame: FrameType | None) -> None:
            put_back()
            self.signum = signum
            getLogger().warning("Finishing the step (or validation); once more ends at once.")

        try:
            for signum in _SIGNALS:
                signal.signal(signum, ask)
            yield
        finally:
            put_back()
