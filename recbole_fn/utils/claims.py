"""Names that runs which begin in the same second do not share."""

import atexit
from itertools import count
from pathlib import Path


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
    for number in count(1):
        name = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
        if _is_taken(name):
            continue
        claim = _claim_of(name)
        try:
            claim.open("xb").close()
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


def _claim_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.claim")


def _is_taken(path: Path) -> bool:
    """Whether a file of the name is there, or one beside it, such as a last checkpoint."""
    return any(file.name.startswith(path.stem) for file in path.parent.iterdir())
