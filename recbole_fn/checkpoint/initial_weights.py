"""Begins a new run with the weights of a checkpoint (`--init_from`)."""

from logging import getLogger
from typing import Protocol

from recbole_fn import checkpoint
from recbole_fn.checkpoint.ids import require_same_ids
from recbole_fn.utils.errors import InputError, mistakes_in
from recbole_fn.utils.recbole_types import Config, Dataset, Model, State


class BuiltRun(Protocol):
    """A run that has been built and not trained, such as an `Experiment`.

    Examples:
        >>> built: BuiltRun = new_run
        >>> built.config["model"]
        'SASRec'
    """

    @property
    def config(self) -> Config:
        """RecBole's configuration."""
        ...

    @property
    def dataset(self) -> Dataset:
        """The data set."""
        ...

    @property
    def model(self) -> Model:
        """The model, on its device."""
        ...


def begin_with_weights(run: BuiltRun, path: str) -> None:
    """Loads the weights of a checkpoint into the model of a new run; nothing else is restored.

    Args:
        run: The `Experiment`.
        path: A checkpoint of this package or of plain RecBole.

    Raises:
        InputError: if the checkpoint is of another model, data set or catalogue.

    Examples:
        >>> begin_with_weights(new_run, model_file)
        >>> new_run.model.item_embedding.weight.equal(loaded.model.item_embedding.weight)
        True
    """
    state = checkpoint.load(path)
    # A net: keys and shapes are compared within; what is left is a damaged part.
    with mistakes_in(f"checkpoint {path!r}"):
        saved = state["config"].final_config_dict
        for key in ("model", "dataset"):
            if saved[key] != run.config[key]:
                raise InputError(
                    f"init_from is {path!r}, whose {key} is {saved[key]!r}; it must be "
                    f"{run.config[key]!r}, as in this run"
                )
        require_same_ids(state, run.dataset, run.model, f"init_from is {path!r}, which")
        _require_same_shapes(state["state_dict"], run.model.state_dict(), path)
        run.model.load_state_dict(state["state_dict"])
        run.model.load_other_parameter(state.get("other_parameter"))
    getLogger().info(f"The model begins with the weights of {path}.")


def _require_same_shapes(saved: State, ours: State, path: str) -> None:
    for name in [*ours, *(name for name in saved if name not in ours)]:
        before, now = (list(w[name].shape) if name in w else None for w in (saved, ours))
        if before != now:
            raise InputError(
                f"init_from is {path!r}, whose weights {name} have the shape {before}; "
                f"it must be {now}, as in this run"
            )
