"""Reads property files in C where PyYAML has been built so, as RecBole's loader reads them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml
from recbole.config import Config

from recbole_fn.hooks.original import Original

FAST_SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Parses and composes plain values."""

_FAST = getattr(yaml, "CFullLoader", None)
_COMMENT = re.compile(r"^([^'\"#\n]*(?<![^\s]))#.*$", re.MULTILINE)
# The two parsers differ in tabs, tags, anchors, blocks and characters outside ASCII.
_UNLIKE = re.compile(r"[^\n\x20-\x7e]|(?<![\w.@])[|>!&*?%@`]")


def update_internal_config_dict(original: Original, config: Config, file: str) -> dict[str, Any]:
    """Hook of `Config._update_internal_config_dict`, which reads RecBole's own property files.

    Examples:
        `register` puts it behind `Config`:

        >>> config["hidden_size"], config["n_layers"]  # the latter is the model's default
        (16, 2)
    """
    with fast_loading(config):
        keys: dict[str, Any] = original(config, file)
    return keys


@contextmanager
def fast_loading(config: Config) -> Iterator[None]:
    """Within the context, a configuration reads files in a tenth of the time.

    What the C code may read in another way, or refuses, is read by RecBole's own loader. So values
    and messages stay the same. Afterwards the configuration has its loader again, which is pickled
    with it.

    Args:
        config: One that has its `yaml_loader`.

    Examples:
        >>> from types import SimpleNamespace
        >>> config = SimpleNamespace(yaml_loader=yaml.FullLoader)
        >>> with fast_loading(config):
        ...     print(yaml.load("topk: [5, 10]", config.yaml_loader))
        {'topk': [5, 10]}
        >>> config.yaml_loader is yaml.FullLoader
        True
    """
    slow = config.yaml_loader
    if _FAST is not None and issubclass(slow, yaml.FullLoader):  # not within such a context
        config.yaml_loader = _faster(slow)
    try:
        yield
    finally:
        config.yaml_loader = slow


def _faster(slow: Any) -> Any:
    """A loader that gives what another one gives, for `yaml.load`."""

    class Fast(_FAST):  # type: ignore[misc, valid-type]
        """Another parser: what it resolves and constructs is the same."""

        yaml_implicit_resolvers = slow.yaml_implicit_resolvers
        yaml_constructors = slow.yaml_constructors
        yaml_multi_constructors = slow.yaml_multi_constructors

    class Loader(_EitherLoader):
        fast_loader, slow_loader = Fast, slow

    return Loader


class _EitherLoader:
    """What `yaml.load` calls: the fast loader reads what both read alike, the slow one the rest."""

    fast_loader: Any
    slow_loader: Any

    def __init__(self, stream: str) -> None:
        self.stream = stream

    def get_single_data(self) -> object:
        """The value of the document, as `yaml.load` asks for it."""
        if _UNLIKE.search(_COMMENT.sub(r"\1", self.stream)):
            return yaml.load(self.stream, self.slow_loader)
        try:
            return yaml.load(self.stream, self.fast_loader)
        except yaml.YAMLError:
            return yaml.load(self.stream, self.slow_loader)

    def dispose(self) -> None:
        """Nothing is left: `yaml.load` has disposed of the inner loader."""
