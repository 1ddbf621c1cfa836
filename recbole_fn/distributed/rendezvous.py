"""Where the ranks of a group meet."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import torch.distributed as dist

from recbole_fn.utils.errors import InputError

# What torchrun says to its workers: the store is there already, and none of them opens it.
_STORE_IS_OPEN = {"TORCHELASTIC_USE_AGENT_STORE": "True", "TORCHELASTIC_RESTART_COUNT": "0"}


def require_port(port: str | int, is_opened_here: bool) -> int:
    """A port as a number.

    Args:
        port: The port that all machines know.
        is_opened_here: Whether the first rank, which listens there, is on this machine.

    Raises:
        InputError: if it is no port, or in use where it is to be opened.

    Examples:
        >>> require_port("5678", is_opened_here=False)
        5678
        >>> require_port("http", is_opened_here=False)
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: --port is 'http'; it must be an integer from 1 to 65535
    """
    if not str(port).isdecimal() or not 1 <= int(port) <= 65_535:
        raise InputError(f"--port is {port!r}; it must be an integer from 1 to 65535")
    if is_opened_here:
        _require_free(int(port))
    return int(port)


def _require_free(port: int) -> None:
    try:
        socket.create_server(("", port)).close()
    except OSError:
        raise InputError(f"--port is {port}, which is in use; it must be free") from None


@contextmanager
def rendezvous_port() -> Iterator[int]:
    """Within the context, ranks that this process starts can meet at the port that it gives.

    The kernel picks the port, and this process listens there. Had the first rank to open a port
    that was free a moment before, another run on this machine could take it in between.

    Examples:
        >>> with rendezvous_port() as port:
        ...     0 < port < 65_536
        True
    """
    store = dist.TCPStore(  # type: ignore[attr-defined]
        "localhost", 0, is_master=True, wait_for_workers=False
    )
    before = {name: os.environ.get(name) for name in _STORE_IS_OPEN}
    os.environ.update(_STORE_IS_OPEN)
    try:
        yield int(store.port)
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
