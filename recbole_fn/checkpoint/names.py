"""The names of a run's two checkpoints: RecBole's best one, and the last one beside it."""

from pathlib import Path

_LAST = "-last"


def last_file(path: str | Path) -> Path:
    """The last checkpoint of the run that wrote a checkpoint.

    Examples:
        >>> last_file("saved/X.pth").name, last_file("saved/X-last.pth").name
        ('X-last.pth', 'X-last.pth')
    """
    path = Path(path)
    return path if path.stem.endswith(_LAST) else path.with_name(f"{path.stem}{_LAST}{path.suffix}")


def best_file(path: str | Path) -> Path:
    """The best checkpoint of the run that wrote a checkpoint.

    Examples:
        >>> best_file("saved/X-last.pth").name
        'X.pth'
    """
    path = Path(path)
    return (
        path.with_name(path.stem[: -len(_LAST)] + path.suffix) if path == last_file(path) else path
    )


def furthest_file(path: str | Path) -> Path:
    """The checkpoint to resume from: the last one of the run if it exists, else `path`.

    Examples:
        >>> furthest_file("nowhere/X.pth").name
        'X.pth'
    """
    last = last_file(path)
    return last if last.is_file() else Path(path)
