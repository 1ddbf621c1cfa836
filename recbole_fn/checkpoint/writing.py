"""Writes a checkpoint whole or not at all."""

import os
import re
from pathlib import Path
from typing import Any

import torch

from recbole_fn.utils.errors import InputError


def save(state: dict[str, Any], path: str | Path) -> None:
    """Writes a checkpoint beside its place and moves it there when it is complete.

    Args:
        state: What to save: tensors, plain values and a RecBole configuration.
        path: The file.

    Raises:
        InputError: if it cannot be written; what was there before is untouched.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        _remove_left_behind(path)
        _write(state, temporary)
        temporary.replace(path)
        _flush_folder(path.parent)
    except (OSError, RuntimeError) as error:
        reason = " ".join(str(_cause(error)).split())
        raise InputError(f"the checkpoint {str(path)!r} cannot be written: {reason}") from error
    finally:
        _remove(temporary)


def _write(state: dict[str, Any], path: Path) -> None:
    with path.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Makes the renaming last through a power cut, where a folder can be opened at all."""
    if hasattr(os, "O_DIRECTORY"):
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _cause(error: BaseException) -> BaseException:
    """The system's reason, which torch hides behind one of its own where it failed to write."""
    seen: list[BaseException] = [error]
    while (before := seen[-1].__cause__ or seen[-1].__context__) is not None and len(seen) < 9:
        seen.append(before)
    return next((found for found in seen if isinstance(found, OSError)), error)


def _remove_left_behind(path: Path) -> None:
    """Removes what processes that were killed while they saved this checkpoint have left."""
    for other in path.parent.glob(f".{path.name}.*.tmp"):
        process = re.fullmatch(rf"\.{re.escape(path.name)}\.(\d+)\.tmp", other.name)
        if process and not _runs(int(process[1])):
            _remove(other)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it runs and is another user's
        return True
    return True


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError:  # there is none, or nothing can be done about it
        return
