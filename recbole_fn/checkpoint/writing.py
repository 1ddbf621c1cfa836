"""Writes a checkpoint whole or not at all."""

from pathlib import Path
from typing import Any

import torch

from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import remove_left_behind, replaced


def save(state: dict[str, Any], path: str | Path) -> None:
    """Writes a checkpoint beside its place and moves it there when it is complete.

    Args:
        state: What to save: tensors, plain values and a RecBole configuration.
        path: The file.

    Raises:
        InputError: if it cannot be written; what was there before is untouched.

    Examples:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp(), "best.pth")
        >>> save({"epoch": 3}, path)
        >>> torch.load(path)
        {'epoch': 3}
    """
    path = Path(path)
    try:
        remove_left_behind(path.parent)
        with replaced(path) as file:
            torch.save(state, file)
    except (OSError, RuntimeError) as error:  # the system's reason, or torch's
        reason = " ".join(str(_cause(error)).split())
        raise InputError(
            f"checkpoint {str(path)!r} cannot be written ({reason}); its folder must be writable "
            f"and have space left"
        ) from error


def _cause(error: BaseException) -> BaseException:
    """The system's reason, which torch hides behind one of its own where it failed to write."""
    seen: list[BaseException] = [error]
    while (before := seen[-1].__cause__ or seen[-1].__context__) is not None and len(seen) < 9:
        seen.append(before)
    return next((cause for cause in seen if isinstance(cause, OSError)), error)
