"""Where a run's two checkpoints are: RecBole's best one, and the last one beside it."""

from pathlib import Path

_LAST = "-last"


def last_file(path: str | Path) -> Path:
    """The last checkpoint of the run that has this checkpoint: `X.pth` has `X-last.pth`."""
    path = Path(path)
    return path if path.stem.endswith(_LAST) else path.with_name(f"{path.stem}{_LAST}{path.suffix}")


def best_file(path: str | Path) -> Path:
    """The best checkpoint of the run that has this checkpoint."""
    path = Path(path)
    return (
        path.with_name(path.stem[: -len(_LAST)] + path.suffix) if path == last_file(path) else path
    )


def furthest_file(path: str | Path) -> Path:
    """The checkpoint to go on from: the last one if there is one, else the given one."""
    last = last_file(path)
    return last if last.is_file() else Path(path)
