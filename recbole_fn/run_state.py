"""What a checkpoint holds beside RecBole's entries, so that a run goes on as if never stopped."""

from dataclasses import asdict
from typing import Any

from recbole_fn import random_state
from recbole_fn.data.fingerprint import fingerprint
from recbole_fn.errors import InputError
from recbole_fn.learner import FalseNegativeLearner
from recbole_fn.progress import Progress


def capture(trainer: Any, learner: FalseNegativeLearner, loader: Any) -> dict[str, Any]:
    """The state of a run after an epoch.

    Args:
        trainer: The `FNTrainer`.
        learner: Its learner.
        loader: The loader that it trains with.
    """
    return {
        "fingerprint": fingerprint(loader._dataset),
        "learner": learner.state_dict(),
        "progress": asdict(trainer.progress),
        "losses": {epoch: float(loss) for epoch, loss in trainer.train_loss_dict.items()},
        "random": random_state.capture(_generators(trainer, loader)),
    }


def restore(
    trainer: Any, learner: FalseNegativeLearner, loader: Any, state: dict[str, Any]
) -> None:
    """Takes over what `capture` returned.

    Args:
        trainer: An `FNTrainer` of the same configuration.
        learner: Its learner.
        loader: The loader that it trains with.
        state: The state.

    Raises:
        InputError: if the state is of another training set.
    """
    if state["fingerprint"] != fingerprint(loader._dataset):
        raise InputError(f"{trainer.saved_model_file!r} was saved on another training set")
    learner.load_state_dict(state["learner"])
    trainer.progress, trainer.train_loss_dict = Progress(**state["progress"]), state["losses"]
    # RecBole saves when a validation was the best, so the last result is the best one.
    trainer.best_valid_result = trainer.progress.last_result or None
    random_state.restore(state["random"], _generators(trainer, loader))


def _generators(trainer: Any, loader: Any) -> random_state.Generators:
    sampler = loader._sampler.generator(trainer.device)
    return {"loader": loader.generator, "sampler": sampler}
