"""Writes lists to a file as they are made; a run that was stopped goes on where it was."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import pandas as pd
from tqdm import tqdm

from recbole_fn.recommendation.formats import Format, Separated, format_of
from recbole_fn.recommendation.lists import CHUNK, Plan, frames
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import (
    alone,
    as_json,
    remove_left_behind,
    replaced,
    write_whole,
)
from recbole_fn.utils.folders import require_file

_REQUEST, _LOCK = "request.json", ".lock"

Made = Iterator[tuple[int, pd.DataFrame]]
"""Numbers of parts, and their rows."""


def write_lists(
    plan: Plan,
    out: Path,
    request: Mapping[str, Any],
    make: Callable[[Sequence[int]], Made] | None = None,
) -> None:
    """Writes the lists of a plan, whole or not at all.

    The parts lie in the folder `.<name>.parts` beside the file until all of them are made.

    Args:
        plan: What is recommended to whom.
        out: The file: .parquet, .csv, .tsv or .jsonl.
        request: All that the lists depend on. Parts that were made for another request are
            removed.
        make: Makes parts, in any order; this process makes them by default.

    Raises:
        InputError: if the suffix is another, the folder cannot be written, or another process
            writes this file.
        KeyboardInterrupt: after Ctrl-C, saying how to go on.

    Example:
        >>> from recbole_fn.recommendation.selection import users_of
        >>> write_lists(Plan(loaded, users_of(loaded), k=5), folder / "recs.csv", {"k": 5})
        >>> len(pd.read_csv(folder / "recs.csv"))
        400
    """
    made, parts = format_of(out), out.with_name(f".{out.name}.parts")
    in_use = f"out is {str(out)!r}, which another process writes"
    with _writable(out), alone(parts, in_use, _LOCK):
        missing = _begin(parts, request, plan.num_parts())
        rows = zip(missing, frames(plan, missing)) if make is None else make(missing)
        with _resumable():
            for number, frame in _shown(rows, plan, missing):
                with replaced(_part(parts, number), lasting=False) as file:
                    made.write(frame, file)
        with replaced(out) as file:
            made.join([_part(parts, number) for number in range(plan.num_parts())], file)
        _remove(parts)


def print_lists(plan: Plan, file: IO[bytes]) -> None:
    """Writes the lists as lines separated by tabs, below a header.

    Args:
        plan: What is recommended to whom.
        file: Where they go, such as `sys.stdout.buffer`.

    Example:
        >>> from io import BytesIO
        >>> from recbole_fn.recommendation.selection import users_of
        >>> print_lists(Plan(loaded, users_of(loaded, ["u0"]), k=1), file := BytesIO())
        >>> file.getvalue().split()[:4]
        [b'user', b'rank', b'item', b'score']
    """
    made: Format = Separated("\t")
    made.join([], file)
    for frame in frames(plan):
        made.write(frame, file)
        file.flush()


def stamp(path: str | Path) -> list[Any]:
    """What tells whether a file is the same as before: its place, size and time.

    Args:
        path: A file.

    Example:
        >>> stamp("nowhere.csv")
        ['nowhere.csv']
    """
    file = Path(path)
    if not file.is_file():
        return [str(path)]
    found = file.stat()
    return [str(file.resolve()), found.st_size, found.st_mtime_ns]


def require_writable(out: Path) -> None:
    """Refuses a file that could not be written in the end, before anything is computed.

    Raises:
        InputError: if its suffix is none of the formats, its folder cannot be written, or it is a
            folder itself.

    Example:
        >>> require_writable(Path("/proc/recs.csv"))
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: out is '/proc/recs.csv'; it must be in a folder ...
    """
    format_of(out)
    require_file(out, "out")


def _begin(parts: Path, request: Mapping[str, Any], num_parts: int) -> list[int]:
    """Removes parts of another request; the parts that are not there."""
    text, file = as_json(dict(request)), parts / _REQUEST
    remove_left_behind(parts)
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        for path in parts.glob("part-*"):
            path.unlink()
        write_whole(file, text)
    return [number for number in range(num_parts) if not _part(parts, number).is_file()]


def _remove(parts: Path) -> None:
    """Removes the folder of parts, its lock last: without it another process may be in there."""
    with suppress(OSError):  # another process is, or the system keeps a file
        for path in sorted(parts.iterdir(), key=lambda path: path.name == _LOCK):
            path.unlink()
        parts.rmdir()


def _part(parts: Path, number: int) -> Path:
    return parts / f"part-{number:08}"


def _shown(rows: Made, plan: Plan, missing: Sequence[int]) -> Made:
    """The parts, with a progress bar on a terminal."""
    total = len(plan.asked.queries)
    users = {number: min(CHUNK, total - number * CHUNK) for number in missing}
    done = total - sum(users.values())
    with tqdm(total=total, initial=done, unit="user", disable=None, dynamic_ncols=True) as bar:
        for number, frame in rows:
            yield number, frame
            bar.update(users[number])


@contextmanager
def _writable(out: Path) -> Iterator[None]:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:  # only the system knows the reason
        raise InputError(
            f"out is {str(out)!r}; it must be in a folder that can be written: {error.strerror}"
        ) from error


@contextmanager
def _resumable() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt("stopped; the same command goes on where it was") from None
