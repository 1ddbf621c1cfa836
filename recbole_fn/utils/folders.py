"""Whether folders can be written, before hours of training, and where relative paths begin."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import replaced


def is_writable(folder: Path) -> bool:
    """Whether files can be made in a folder; makes it if there is none.

    Args:
        folder: The folder.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as place:
        ...     is_writable(Path(place, "log", "SASRec"))
        True
    """
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
    return False


def require_writable(folder: str | Path, key: str) -> None:
    """Refuses a folder that cannot be written.

    Args:
        folder: The folder; it is made if there is none.
        key: The key that names it, for the message.

    Raises:
        InputError: naming the key and the folder.

    Examples:
        >>> require_writable("/dev/null/saved", "checkpoint_dir")
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: checkpoint_dir is '/dev/null/saved', which cannot be ...
    """
    if not is_writable(Path(folder)):
        raise InputError(
            f"{key} is {str(folder)!r}, which cannot be written; it must be a folder that can"
        )


def require_file(path: Path, option: str) -> None:
    """Refuses a file that could not be written in the end, before anything is computed.

    Args:
        path: The file; its folder is made if there is none.
        option: What names it, for the message.

    Raises:
        InputError: if it is a folder, or in one that cannot be written.

    Examples:
        >>> require_file(Path("/"), "onnx")
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: onnx is '/', which is a folder; it must be a file
    """
    if path.is_dir():
        raise InputError(f"{option} is {str(path)!r}, which is a folder; it must be a file")
    attempt = path.with_name(f".{path.name}.try")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replaced(attempt, lasting=False):
            pass
    except OSError as error:  # only the system knows the reason
        raise InputError(
            f"{option} is {str(path)!r}; it must be in a folder that can be written: "
            f"{error.strerror}"
        ) from error
    attempt.unlink(missing_ok=True)


@contextmanager
def standing_in(folder: Path) -> Iterator[None]:
    """Within the context, relative paths begin at a folder.

    Args:
        folder: The folder.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as place, standing_in(Path(place)):
        ...     Path("here").touch()
        ...     Path(place, "here").exists()
        True
    """
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
