"""The path under which checkpoints name `ModelName`, whatever becomes of the layout."""

from recbole_fn.config.user_model import ModelName

__all__ = ["ModelName"]
