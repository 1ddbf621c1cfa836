"""Stops a training at the first NaN or infinity, before a checkpoint is overwritten.

RecBole's loop checks the loss of each step for NaN; the checks here replace that one and cover
infinities. The weights are checked once an epoch, because no loss depends on the last step.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from recbole_fn.utils.errors import InputError

_TERMS = ("base", "consistency")
_ADVICE = (
    "Try a smaller learning_rate, or clip_grad_norm: {'max_norm': 1}. "
    "Checkpoints saved before are untouched"
)


class NonFiniteError(InputError):
    """A loss or a weight became NaN or infinite.

    Examples:
        >>> issubclass(NonFiniteError, InputError)  # exit code 2, one line
        True
    """


@dataclass(frozen=True)
class Moment:
    """A step of a training, for messages.

    Attributes:
        epoch: The epoch, from 0.
        step: The step within the epoch, from 0.
        optimizer: The optimizer; messages show its learning rates.

    Examples:
        >>> sgd = torch.optim.SGD([torch.zeros(1)], lr=0.5)
        >>> print(Moment(epoch=2, step=7, optimizer=sgd).error("the loss is nan"))
        epoch 2, step 7 (both from 0): the loss is nan; learning_rate is 0.5. Try ...
    """

    epoch: int
    step: int
    optimizer: Optimizer

    def error(self, what: str) -> NonFiniteError:
        """The error to raise.

        Args:
            what: What is wrong.
        """
        groups = getattr(self.optimizer, "param_groups", ())
        rate = ", ".join(sorted({f"{float(group['lr']):g}" for group in groups})) or "unknown"
        where = f"epoch {self.epoch}, step {self.step} (both from 0)"
        return NonFiniteError(f"{where}: {what}; learning_rate is {rate}. {_ADVICE}")


def require_finite_loss(loss: Tensor, terms: Sequence[Tensor], moment: Moment) -> None:
    """Checks the loss of a step; copies one number from the device, like RecBole's own check.

    Args:
        loss: The loss, a scalar.
        terms: The parts of the loss.
        moment: The step.

    Raises:
        NonFiniteError: if the loss is NaN or infinite.

    Examples:
        >>> moment = Moment(0, 0, torch.optim.SGD([torch.zeros(1)]))
        >>> require_finite_loss(torch.tensor(0.5), (), moment)
    """
    if not torch.isfinite(loss):
        named = zip(_TERMS, terms, strict=False)
        values = " and ".join(f"{name} loss is {float(term.detach())}" for name, term in named)
        raise moment.error(values or f"the loss is {float(loss)}")


def require_finite_weights(model: nn.Module, moment: Moment) -> None:
    """Checks the weights after an epoch.

    Args:
        model: The model.
        moment: The last step.

    Raises:
        NonFiniteError: naming the first weight that is NaN or infinite.

    Examples:
        >>> model = torch.nn.Linear(1, 1)
        >>> require_finite_weights(model, Moment(0, 0, torch.optim.SGD(model.parameters())))
    """
    wrong = non_finite((name, p) for name, p in model.named_parameters() if p.requires_grad)
    if wrong:
        raise moment.error(f"weight {wrong[0]!r} is NaN or infinite after it")


def non_finite(tensors: Iterable[tuple[str, Tensor]]) -> list[str]:
    """The names of the tensors with a NaN or an infinity, with a single copy from the device.

    Args:
        tensors: Names and tensors, all on one device.

    Examples:
        >>> non_finite([("a", torch.ones(2)), ("b", torch.tensor([1, float("nan")]))])
        ['b']
    """
    named = [(name, torch.isfinite(tensor.detach()).all()) for name, tensor in tensors]
    if not named:
        return []
    finite = torch.stack([is_finite for _, is_finite in named]).tolist()
    return [name for (name, _), is_finite in zip(named, finite, strict=False) if not is_finite]
