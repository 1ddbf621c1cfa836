"""Runs the service until it is asked to stop."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from recbole_fn.recommendation.loading import Loaded
from recbole_fn.serving.answers import Answers
from recbole_fn.serving.app import LOCAL, make_app
from recbole_fn.utils.errors import InputError

_SHORTEST = 16  # letters of a token
_PATIENCE = 30  # seconds in which what has begun must be answered
_STOPS = (signal.SIGINT, signal.SIGTERM)


def serve(checkpoint: str, host: str, port: int, token_file: str | None) -> None:
    """Serves a checkpoint until Ctrl-C or SIGTERM; what has begun is answered.

    Args:
        checkpoint: The checkpoint.
        host: The address to listen at; any but this machine's own needs a token.
        port: The port; 0 for any that is free.
        token_file: A file with the token that clients must send.

    Raises:
        InputError: for a mistake in these.

    Example:
        Until the process is asked to stop::

            serve("saved/SASRec.pth", "127.0.0.1", 8000, None)
    """
    token = None if token_file is None else read_token(Path(token_file))
    if token is None and host not in LOCAL:
        raise InputError(
            f"host is {host!r}, which others can reach; token_file must name a file with a token"
        )
    with listening(host, port) as place:
        app = make_app(Answers(Loaded.from_file(checkpoint)), token)
        config = uvicorn.Config(
            app, log_level="warning", timeout_graceful_shutdown=_PATIENCE, server_header=False
        )
        server = uvicorn.Server(config)
        with _stops_end(server):
            print(f"Serving {checkpoint} at {_address(place)} (Ctrl-C stops)", flush=True)
            server.run(sockets=[place])
    print("Stopped")


def read_token(path: Path) -> str:
    """The token in a file.

    Raises:
        InputError: if it cannot be read, or is short.

    Example:
        >>> read_token(Path("nowhere"))
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: token_file 'nowhere' cannot be read (No such file ...
    """
    try:
        token = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:  # the system's reason
        reason = getattr(error, "strerror", None) or "not ASCII"
        raise InputError(
            f"token_file {str(path)!r} cannot be read ({reason}); it must be a file with a token"
        ) from error
    if len(token) < _SHORTEST or len(token.split()) != 1:
        raise InputError(
            f"token_file {str(path)!r} has a token of {len(token)} letters; it must have at least "
            f"{_SHORTEST} and no spaces, such as those of: openssl rand -hex 32"
        )
    return token


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket at which clients may call.

    Args:
        host: The address.
        port: The port; 0 for any that is free.

    Raises:
        InputError: if it cannot be had.

    Example:
        >>> with listening("127.0.0.1", 0) as place:
        ...     place.getsockname()[0]
        '127.0.0.1'
    """
    if not 0 <= port <= 65535:
        raise InputError(f"port is {port}; it must be from 0 to 65535")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        place = socket.create_server((host, port), family=family)
    except OSError as error:  # only the system knows the reason
        reason = os.strerror(error.errno) if error.errno else error
        raise InputError(
            f"host is {host!r} and port {port}, at which nothing can listen "
            f"({reason}); they must be an address of this machine and a free port"
        ) from error
    with place:
        yield place


def _address(place: socket.socket) -> str:
    host, port, *_ = place.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def _stops_end(server: uvicorn.Server) -> Iterator[None]:
    """Within the context, a stop ends uvicorn alone, also before uvicorn listens to signals.

    It raises the signal that it has got again afterwards.
    """

    def stop(*_: object) -> None:
        server.should_exit = True

    before = {one: signal.signal(one, stop) for one in _STOPS}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
