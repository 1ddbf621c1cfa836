"""Ctrl-C during a run: the step is finished first, so that the run can be resumed."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from logging import getLogger
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(KeyboardInterrupt):
    """A run was stopped by Ctrl-C or by SIGTERM, and can be resumed.

    Attributes:
        checkpoint: The file that it can be resumed from.
        exit_code: What a shell expects of a process that this signal ended.
    """

    def __init__(self, checkpoint: str, signum: int) -> None:
        super().__init__(
            f"stopped by {signal.Signals(signum).name}; {checkpoint} goes on from here"
        )
        self.checkpoint, self.exit_code = checkpoint, 128 + signum


class StopRequest:
    """Whether the run has been asked to stop.

    Attributes:
        signum: The signal that asked for it; None so far.
    """

    def __init__(self) -> None:
        self.signum: int | None = None

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Within the context, the first signal asks to stop; the second one ends at once.

        Only a main thread gets signals, so nothing changes in another one.
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
