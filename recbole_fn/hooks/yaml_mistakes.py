"""What a property file that cannot be read is told, in one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from recbole_fn.utils.errors import InputError

_SHOWN = 40  # characters of a value


class _NotingLoader(yaml.SafeLoader):
    """Keeps the node that it constructs, so that the one at which it fails can be named."""

    node: yaml.Node | None = None

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Makes the value of a node, as PyYAML does."""
        self.node = node
        return super().construct_object(node, deep)  # type: ignore[no-untyped-call]


@contextmanager
def told_mistakes(path: Path) -> Iterator[None]:
    """Within the context, what is wrong with a YAML file is an `InputError` that names it.

    Args:
        path: The file.

    Raises:
        InputError: if it is no text in UTF-8, no YAML, nested too deep, or has a value that YAML
            cannot make.

    Examples:
        >>> with told_mistakes(Path("own.yaml")):
        ...     yaml.safe_load("epochs: [")
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: config file 'own.yaml' cannot be read ...
    """
    try:
        yield
    except InputError:
        raise
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        # Only PyYAML knows the line and column, the system its reason, the codec the byte.
        reason = " ".join(str(error).split())
        raise InputError(
            f"config file {str(path)!r} cannot be read ({reason}); it must be YAML, with lines "
            f"such as epochs: 50"
        ) from error
    except RecursionError as error:
        raise InputError(
            f"config file {str(path)!r} is nested too deep; it must hold lines such as epochs: 50"
        ) from error
    except (LookupError, AttributeError, TypeError, ValueError) as error:
        if (value := unreadable_value(path)) is None:
            raise  # it is not the file's fault
        raise InputError(
            f"config file {str(path)!r} has {value}, which is no number, date or other value of "
            f"its kind; it must be one, or text in quotes"
        ) from error


def unreadable_value(path: Path) -> str | None:
    """The first value of a YAML file that looks like a number or date and is none.

    Args:
        path: A file that can be parsed.

    Returns:
        The value and its line, or None where all can be read.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "own.yaml")
        ...     _ = path.write_text("since: 2026-13-45")
        ...     unreadable_value(path)
        "'2026-13-45' in line 1"
    """
    loader = _NotingLoader(path.read_text(encoding="utf-8"))
    try:
        loader.get_single_data()
    except Exception:  # of any kind: the value alone is of interest
        if isinstance(loader.node, yaml.ScalarNode):
            text = loader.node.value
            shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
            return f"{shown!r} in line {loader.node.start_mark.line + 1}"
    return None
