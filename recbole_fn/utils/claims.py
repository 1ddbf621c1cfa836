"""Names of files and folders that runs do not share, at the same time or one after another."""

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from filelock import FileLock

from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import HOST, is_running


def claimed(path: Path) -> Path:
    """A free name for a file, which no other run gets; the name itself, or one with a number.

    A hidden file beside it claims the name until `release`, or until this process ends. Where
    nothing can be written, the name is returned as it is.

    Args:
        path: The file; its folder must exist.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "SASRec-Nov-26-2026_04-03-29.pth")
        ...     claimed(path).name, claimed(path).name
        ('SASRec-Nov-26-2026_04-03-29.pth', 'SASRec-Nov-26-2026_04-03-29-2.pth')
    """
    remove_dead_claims(path.parent)
    for number in count(1):
        name = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
        if _is_taken(name):
            continue
        claim = _claim_of(name)
        try:
            with claim.open("x", encoding="utf-8") as file:
                file.write(f"{HOST} {os.getpid()}")
        except FileExistsError:
            continue
        except OSError:
            return path
        if _is_taken(name):  # another run has written it between the look and the claim
            claim.unlink(missing_ok=True)
            continue
        atexit.register(claim.unlink, missing_ok=True)
        return name
    raise AssertionError


def release(path: Path) -> None:
    """Ends the claim of a name, once a file of it is there; does nothing without a claim.

    Args:
        path: What `claimed` returned.

    Example:
        >>> release(Path("nowhere", "SASRec.pth"))
    """
    _claim_of(path).unlink(missing_ok=True)


def remove_dead_claims(folder: Path) -> None:
    """Removes the claims of processes of this machine that were killed.

    Args:
        folder: The folder.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     claim = Path(folder, ".SASRec.pth.claim")
        ...     _ = claim.write_text(f"{HOST} 99999999")  # no process has this number
        ...     remove_dead_claims(Path(folder))
        ...     claim.exists()
        False
    """
    for claim in folder.glob(".*.claim"):
        with suppress(OSError):  # another process has removed it
            host, _, process = claim.read_text(encoding="utf-8").partition(" ")
            if host == HOST and process.isdigit() and not is_running(int(process)):
                claim.unlink()


@contextmanager
def new_file(path: Path, option: str) -> Iterator[None]:
    """Within the context the name of a file is claimed; nobody's earlier file is overwritten.

    Args:
        path: The file. A process that was killed leaves no claim, and an empty file is no file.
        option: The option that names it, for the message.

    Raises:
        InputError: if there is such a file, if another process is about to write it, or if it
            cannot be made.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder, new_file(Path(folder, "a.json"), "--json"):
        ...     with new_file(Path(folder, "a.json"), "--json"):
        ...         pass
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: --json is '...a.json', which another process is ...
    """
    with taken(path, option):
        _require_none(path, option)
        yield


@contextmanager
def taken(path: Path, option: str) -> Iterator[None]:
    """Within the context no other process writes a file that a user has named.

    Args:
        path: The file; it may be there, and is replaced then. Its folder must exist.
        option: What names it, for the message.

    Raises:
        InputError: if another process is about to write it, or if it cannot be made.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder, taken(Path(folder, "a.html"), "out"):
        ...     with taken(Path(folder, "a.html"), "out"):
        ...         pass
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: out is '...a.html', which another process is about ...
    """
    claim = _claim_of(path)
    try:
        remove_dead_claims(path.parent)
        with claim.open("x", encoding="utf-8") as file:
            file.write(f"{HOST} {os.getpid()}")
    except FileExistsError as error:
        raise InputError(
            f"{option} is {str(path)!r}, which another process is about to write; it must be "
            f"another"
        ) from error
    except OSError as error:  # only the system knows the reason
        raise InputError(
            f"{option} is {str(path)!r}, which cannot be written ({error.strerror}); it must be a "
            f"file in a folder that is there and can be written"
        ) from error
    try:
        yield
    finally:
        claim.unlink(missing_ok=True)


@contextmanager
def in_turn(path: Path) -> Iterator[None]:
    """Within the context no other process replaces a file; waits until it is this one's turn.

    The lock beside the file stays, as a process that waits for it may have opened it already.

    Args:
        path: The file, or one of several that belong together; its folder must exist.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder, in_turn(Path(folder, "report.html")):
        ...     [path.name for path in Path(folder).iterdir()]
        ['.report.html.lock']
    """
    with FileLock(path.with_name(f".{path.name}.lock")):
        yield


def _require_none(path: Path, option: str) -> None:
    if path.is_dir() or (path.exists() and path.stat().st_size):
        raise InputError(
            f"{option} is {str(path)!r}, which is there already; it must be a new file"
        )


def _claim_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.claim")


def _is_taken(path: Path) -> bool:
    """Whether a file of the name is there, or one beside it, such as a last checkpoint."""
    return any(file.name.startswith(path.stem) for file in path.parent.iterdir())
