"""Leaves items out of a model's own cross entropy over the catalogue."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from recbole_fn.losses.base import LossContext


@contextmanager
def leaving_out(
    context: LossContext, num_rows: int, rows: Tensor, items: Tensor
) -> Iterator[list[bool]]:
    """Within the context, the model's cross entropy does not see `items` of `rows`.

    Args:
        context: The run.
        num_rows: Rows of the batch.
        rows: Indices of rows, shape [masked].
        items: An item of each of them, shape [masked].

    Yields:
        A list that gets an entry each time the cross entropy is masked.

    Example:
        >>> model = torch.nn.CrossEntropyLoss()
        >>> context = LossContext(model, num_items=3, neg_num=1, label_field="label")
        >>> with leaving_out(context, 1, torch.tensor([0]), torch.tensor([2])):
        ...     model(torch.zeros(1, 3), torch.tensor([1]))  # log 2: of three items two are left
        tensor(0.6931)
    """
    masked: list[bool] = []

    def mask(_: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        # Logits of all items (S3Rec adds a mask's) belong to the main loss; others do not.
        if inputs[0].dim() != 2 or len(inputs[0]) != num_rows:
            return inputs
        if inputs[0].shape[1] < context.num_items:
            return inputs
        masked.append(True)
        if len(rows) == 0:
            return inputs
        return (_without(inputs[0], rows, items), *inputs[1:])

    modules = context.model.modules()
    losses = [module for module in modules if isinstance(module, nn.CrossEntropyLoss)]
    hooks = [loss.register_forward_pre_hook(mask) for loss in losses]
    try:
        yield masked
    finally:
        for hook in hooks:
            hook.remove()


def _without(logits: Tensor, rows: Tensor, items: Tensor) -> Tensor:
    """The logits with those of `items` so low that they vanish in a softmax."""
    lowest = max(-1e30, torch.finfo(logits.dtype).min)
    return logits.index_put((rows, items), logits.new_tensor(lowest))
