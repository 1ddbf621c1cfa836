"""What every hook gets as its first argument."""

from collections.abc import Callable
from typing import Any

Original = Callable[..., Any]
"""RecBole's function or method that a hook stands in for."""
