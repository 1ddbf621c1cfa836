"""Training whose numbers go wrong: a NaN or an infinity ends it before anything is saved.

RecBole's loop asks each step's loss for NaN; the same question, asked at the same place, covers
infinities too. Weights are asked once an epoch, for a last step that no loss has seen.
"""

from collections.abc import Iterable
from typing import Any

import torch
from recbole.trainer import Trainer
from torch import Tensor

from recbole_fn.errors import InputError

_TERMS = ("base", "consistency")
_ADVICE = (
    "Try a smaller learning_rate, or clip_grad_norm: {'max_norm': 1}. "
    "Checkpoints saved before are untouched"
)


class NonFiniteError(InputError):
    """A loss or a weight became NaN or infinite."""


class FiniteTraining(Trainer):
    """Part of a trainer that ends an epoch as soon as a loss or a weight is not finite."""

    _epoch = 0
    _step = -1
    _terms: tuple[Tensor, ...] = ()

    def _train_epoch(
        self, train_data: Any, epoch_idx: int, loss_func: Any = None, show_progress: bool = False
    ) -> Any:
        self._epoch, self._step = epoch_idx, -1
        computed = loss_func or self.model.calculate_loss

        def noting(*args: Any) -> Any:
            losses = computed(*args)
            self._step += 1
            self._terms = losses if isinstance(losses, tuple) else (losses,)
            return losses

        losses = super()._train_epoch(train_data, epoch_idx, noting, show_progress)
        self._terms = ()
        self._require_finite_weights()
        return losses

    def _check_nan(self, loss: Tensor) -> None:
        if torch.isfinite(loss):  # the one number that RecBole copies here as well
            return
        terms = zip(_TERMS, self._terms)
        values = " and ".join(f"{name} loss is {float(term.detach())}" for name, term in terms)
        self._fail(values or f"the loss is {float(loss)}")

    def _require_finite_weights(self) -> None:
        trained = ((name, p) for name, p in self.model.named_parameters() if p.requires_grad)
        wrong = non_finite(trained)
        if wrong:
            self._fail(f"weight {wrong[0]!r} is NaN or infinite after it")

    def _fail(self, what: str) -> None:
        rates = {f"{float(group['lr']):g}" for group in self.optimizer.param_groups}
        where = f"epoch {self._epoch}, step {self._step} (both from 0)"
        rate = ", ".join(sorted(rates))
        raise NonFiniteError(f"{where}: {what}; learning_rate is {rate}. {_ADVICE}")


def non_finite(tensors: Iterable[tuple[str, Tensor]]) -> list[str]:
    """The names of the tensors that hold a NaN or an infinity; one copy reads them all.

    Args:
        tensors: Names and tensors, on one device.
    """
    named = [(name, torch.isfinite(tensor.detach()).all()) for name, tensor in tensors]
    if not named:
        return []
    finite = torch.stack([is_finite for _, is_finite in named]).tolist()
    return [name for (name, _), is_finite in zip(named, finite) if not is_finite]
