"""Names that runs which begin in the same second do not share."""

import atexit
import os
from contextlib import suppress
from itertools import count
from pathlib import Path

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


def _claim_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.claim")


def _is_taken(path: Path) -> bool:
    """Whether a file of the name is there, or one beside it, such as a last checkpoint."""
    return any(file.name.startswith(path.stem) for file in path.parent.iterdir())
