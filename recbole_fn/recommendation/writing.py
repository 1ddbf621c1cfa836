"""Writes lists to a file as they are made; a run that was stopped goes on where it was."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tqdm import tqdm

from recbole_fn.recommendation.formats import Format, Separated, format_of
from recbole_fn.recommendation.lists import CHUNK, Plan, frames
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import alone, as_json, remove_left_behind, replaced, write_whole

_REQUEST = "request.json"


def write_lists(plan: Plan, out: Path, request: Mapping[str, Any]) -> None:
    """Writes the lists of a plan, whole or not at all.

    The parts lie in the folder `.<name>.parts` beside the file until all of them are made.

    Args:
        plan: What is recommended to whom.
        out: The file: .parquet, .csv, .tsv or .jsonl.
        request: All that the lists depend on. Parts that were made for another request are
            removed.

    Raises:
        InputError: if the suffix is another, the folder cannot be written, or another process
            writes this file.
        KeyboardInterrupt: after Ctrl-C, saying how to go on.

    Example:
        Needs a model::

            write_lists(plan, Path("recs.parquet"), {"k": 10, "checkpoint": stamp(path)})
    """
    made, parts = format_of(out), out.with_name(f".{out.name}.parts")
    with _writable(out), alone(parts, f"out is {str(out)!r}, which another process writes"):
        done = _begin(parts, request)
        with _resumable():
            for number, frame in enumerate(_shown(plan, done), done):
                with replaced(_part(parts, number), lasting=False) as file:
                    made.write(frame, file)
        with replaced(out) as file:
            made.join([_part(parts, number) for number in range(plan.num_parts())], file)
    shutil.rmtree(parts, ignore_errors=True)


def print_lists(plan: Plan, file: IO[bytes]) -> None:
    """Writes the lists as lines separated by tabs, below a header.

    Args:
        plan: What is recommended to whom.
        file: Where they go, such as `sys.stdout.buffer`.

    Example:
        Needs a model::

            print_lists(plan, sys.stdout.buffer)
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
    if out.is_dir():
        raise InputError(f"out is {str(out)!r}, which is a folder; it must be a file")
    with _writable(out), replaced(out.with_name(f".{out.name}.try"), lasting=False):
        pass
    out.with_name(f".{out.name}.try").unlink(missing_ok=True)


def _begin(parts: Path, request: Mapping[str, Any]) -> int:
    """Removes parts of another request; the number of parts that are there."""
    text, file = as_json(dict(request)), parts / _REQUEST
    remove_left_behind(parts)
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        for path in parts.glob("part-*"):
            path.unlink()
        write_whole(file, text)
    done = 0
    while _part(parts, done).is_file():
        done += 1
    return done


def _part(parts: Path, number: int) -> Path:
    return parts / f"part-{number:08}"


def _shown(plan: Plan, done: int) -> Iterator[Any]:
    """The frames, with a progress bar on a terminal."""
    total = len(plan.asked.queries)
    with tqdm(total=total, initial=done * CHUNK, unit="user", ncols=100, disable=None) as bar:
        for frame in frames(plan, done):
            yield frame
            bar.update(min(CHUNK, total - bar.n))


@contextmanager
def _writable(out: Path) -> Iterator[None]:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise InputError(
            f"out is {str(out)!r}; it must be in a folder that can be written: {error.strerror}"
        ) from error


@contextmanager
def _resumable() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt("stopped; the same command goes on where it was") from None
