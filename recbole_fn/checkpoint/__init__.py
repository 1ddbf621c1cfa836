"""Checkpoints: written completely or not at all, and read without running any code in them."""

from recbole_fn.checkpoint.contents import (
    load_weights,
    plain_config,
    plain_value,
    recbole_state,
    save_trainer,
)
from recbole_fn.checkpoint.names import best_file, furthest_file, last_file
from recbole_fn.checkpoint.reading import ALLOWED_CLASSES, allowed_classes, load
from recbole_fn.checkpoint.writing import save

__all__ = [
    "ALLOWED_CLASSES",
    "allowed_classes",
    "best_file",
    "furthest_file",
    "last_file",
    "load",
    "load_weights",
    "plain_config",
    "plain_value",
    "recbole_state",
    "save",
    "save_trainer",
]
