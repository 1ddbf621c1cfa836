"""The teacher: an exponential moving average of the student's weights.

UFNRec (arXiv 2208.04116), section 3.4.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from recbole_fn.scoring.precision import casting_anew
from recbole_fn.utils.recbole_types import State


def warmed_up_decay(decay: float, num_updates: int) -> float:
    """The decay of one update: small at first, so that the teacher soon forgets its start.

    Args:
        decay: d, the upper bound.
        num_updates: n, updates so far including this one, from 1.

    Returns:
        `min(d, (1 + n) / (10 + n))`.

    Examples:
        >>> [round(warmed_up_decay(0.99, n), 2) for n in (1, 10, 10_000)]
        [0.18, 0.55, 0.99]
    """
    return min(decay, (1 + num_updates) / (10 + num_updates))


class EMATeacher:
    """A slowly moving copy of a model's weights (UFNRec, arXiv 2208.04116, section 3.4).

    Parameters are averaged. Buffers, such as the running statistics of a batch norm, are copied
    from the student at each update.

    Args:
        model: The student. The teacher starts as a copy of it.
        decay: d, the upper bound of the decay per update.

    Attributes:
        mixes_rows: Whether the model has a batch norm, which mixes the rows of a batch.

    Examples:
        >>> student = nn.Linear(1, 1, bias=False)
        >>> _ = nn.init.zeros_(student.weight)
        >>> teacher = EMATeacher(student, decay=0.0)  # follows at once
        >>> _ = nn.init.ones_(student.weight)
        >>> teacher.update()
        >>> with teacher.average_parameters():
        ...     student.weight.item()
        1.0
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.model, self.decay = model, decay
        self.mixes_rows = any(isinstance(module, _BatchNorm) for module in model.modules())
        self.num_updates = 0
        # Walking through a model's modules takes longer than what is done with their weights.
        self._parameters = dict(model.named_parameters())
        self._buffers = list(_buffers_of(model))
        self._weights: dict[str, Tensor] = {}
        self.copy_student()

    @torch.no_grad()
    def copy_student(self) -> None:
        """Resets the teacher to the current weights of the student."""
        self._weights = {name: tensor.detach().clone() for name, tensor in self._students()}

    @torch.no_grad()
    def update(self) -> None:
        """Moves the teacher towards the student; to be called after each optimizer step.

        `teacher += (1 - d_n) * (student - teacher)` with d_n from `warmed_up_decay`.
        """
        self.num_updates += 1
        step = 1 - warmed_up_decay(self.decay, self.num_updates)
        weights = [self._weights[name] for name in self._parameters]
        torch._foreach_lerp_(weights, list(self._parameters.values()), step)
        for path, module, name in self._buffers:
            self._weights[path].copy_(getattr(module, name))

    @contextmanager
    def average_parameters(self) -> Iterator[None]:
        """Within the context, the model has the teacher's weights; nothing is copied."""
        self._swap()
        try:
            with casting_anew():  # else a step's casts of the student's weights would be used
                yield
        finally:
            self._swap()

    def state_dict(self) -> State:
        """The teacher's weights by name, not copied, and the number of updates."""
        return {"num_updates": self.num_updates, "weights": dict(self._weights)}

    @torch.no_grad()
    def load_state_dict(self, state: State) -> None:
        """Restores what `state_dict` returned.

        Raises:
            ValueError: if the state has other weights than the model.
        """
        if state["weights"].keys() != self._weights.keys():
            raise ValueError("the teacher's state is of another model")
        self.num_updates = state["num_updates"]
        for name, tensor in state["weights"].items():
            self._weights[name].copy_(tensor)

    def _students(self) -> Iterator[tuple[str, Tensor]]:
        yield from self._parameters.items()
        for path, module, name in self._buffers:
            yield path, getattr(module, name)

    def _swap(self) -> None:
        for name, student in self._students():
            # `.data` swaps the storage under the parameter: neither the optimizer, which holds
            # the parameter itself, nor the graph is affected.
            student.data, self._weights[name] = self._weights[name], student.data


def _buffers_of(model: nn.Module) -> Iterator[tuple[str, nn.Module, str]]:
    """The path of each buffer, the module that has it, and its name there.

    One that several modules share comes once, as a parameter does: exchanged twice, it would be
    what it was before.
    """
    seen: set[int] = set()
    for path, module in model.named_modules():
        for name, buffer in module.named_buffers(recurse=False):
            if id(buffer) not in seen:
                seen.add(id(buffer))
                yield f"{path}.{name}" if path else name, module, name
