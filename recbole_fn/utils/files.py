"""Files that are written whole or not at all, folders of one user, and names out of keys."""

import hashlib
import json
import os
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from filelock import FileLock, Timeout

from recbole_fn.utils.errors import InputError

HOST = re.sub(r"[^\w-]", "_", socket.gethostname())


def write_whole(path: Path, text: str, lasting: bool = True) -> None:
    """Writes a file whole or not at all; of several writers at once the last one wins.

    Args:
        path: The file.
        text: What will be in it.
        lasting: Whether it must survive a power cut; waiting for the disk takes milliseconds.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     write_whole(Path(folder) / "best.yaml", "epochs: 3")
        ...     (Path(folder) / "best.yaml").read_text()
        'epochs: 3'
    """
    with replaced(path, lasting) as file:
        file.write(text.encode())


@contextmanager
def replaced(path: Path, lasting: bool = True) -> Iterator[IO[bytes]]:
    """Opens a new file, which takes the place of another one when the context ends well.

    Args:
        path: The file whose place it takes.
        lasting: See `write_whole`.

    Yields:
        The new file. Its name is its own, as a thread or process may write the same at once.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder) / "scores.bin"
        ...     with replaced(path) as file:
        ...         written = file.write(b"1234")
        ...         path.exists()  # not before the context ends
        ...     path.read_bytes()
        False
        b'1234'
    """
    temporary = path.with_name(unique_name(path.name))
    try:
        with temporary.open("xb") as file:
            yield file
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    if lasting:
        _flush_folder(path.parent)


def unique_name(name: str) -> str:
    """A name for a file until it is whole; nobody else has it, and it names its writer.

    Args:
        name: What the file is called in the end.

    Examples:
        >>> unique_name("best.pth")
        '.best.pth....tmp'
    """
    return f".{name}.{HOST}.{os.getpid()}.{uuid4().hex}.tmp"


def remove_left_behind(folder: Path) -> None:
    """Removes files that processes of this machine were writing when they were killed.

    A process number means nothing on another machine, so files of other machines stay.

    Args:
        folder: The folder.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     name = unique_name("best.pth").replace(f".{os.getpid()}.", ".99999999.")
        ...     left = Path(folder) / name
        ...     left.touch()
        ...     remove_left_behind(Path(folder))
        ...     left.exists()  # no process has this number
        False
    """
    for path in folder.glob(f".*.{HOST}.*.tmp"):
        process = re.fullmatch(rf"\..+\.{HOST}\.(\d+)\.[0-9a-f]{{32}}\.tmp", path.name)
        if process and not is_running(int(process[1])):
            with suppress(OSError):  # nothing can be done about it
                path.unlink()


def is_running(process: int) -> bool:
    """Whether a process of this machine runs.

    Args:
        process: Its number.

    Examples:
        >>> is_running(os.getpid())
        True
    """
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it runs and is another user's
        return True
    return True


def _flush_folder(folder: Path) -> None:
    """Makes the renaming last, where a folder can be opened at all."""
    if hasattr(os, "O_DIRECTORY"):
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


@contextmanager
def alone(folder: Path, mistake: str, lock: str = ".lock") -> Iterator[None]:
    """Within the context nobody else is in a folder; the system unlocks it when its holder dies.

    Args:
        folder: The folder; it is made if there is none.
        mistake: What is said where another process is in it.
        lock: The file that is locked; another one than the default locks a part of the folder.

    Raises:
        InputError: if another process, or another call of this one, is in it; if it is read-only.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder, alone(Path(folder), "the folder is in use"):
        ...     with alone(Path(folder), "the folder is in use"):
        ...         pass
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: the folder is in use
    """
    file_lock = FileLock(folder / lock)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file_lock.acquire(blocking=False)
    except Timeout as error:
        raise InputError(mistake) from error
    except OSError as error:  # only the system knows the reason
        reason = f"cannot be written ({error.strerror}); it must be one that can"
        raise InputError(f"folder {str(folder)!r} {reason}") from error
    try:
        yield
    finally:
        file_lock.release()


def fingerprint(keys: Mapping[str, Any]) -> str:
    """A short hash of keys, for the name of an output folder.

    Examples:
        >>> fingerprint({"m": 5, "seed": 1}) == fingerprint({"seed": 1, "m": 5})
        True
    """
    return hashlib.sha256(as_json(dict(sorted(keys.items()))).encode()).hexdigest()[:10]


def as_json(value: Any) -> str:
    """A value as JSON; what JSON does not know is written as text.

    Examples:
        >>> print(as_json({"topk": [10], "path": Path("data")}))
        {
         "topk": [
          10
         ],
         "path": "data"
        }
    """
    return json.dumps(value, default=str, indent=1)
