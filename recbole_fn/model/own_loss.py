"""The model's own loss, with extracted items added to it or left out of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Optional

import torch
from recbole.data.interaction import Interaction, cat_interactions
from torch import Tensor, nn

from recbole_fn.scoring.scored import ScoredRows as Visit
from recbole_fn.data.batching import RowBatch
from recbole_fn.errors import InputError
from recbole_fn.model.losses import softmax_terms


class OwnLoss:
    """The model's `calculate_loss`, auxiliary and contrastive terms and all, and extraction's part.

    Added are `1 / M * sum_e y_e * -log(exp(s_e) / (exp(s_e) + sum_n (1 - y_n) * exp(s_n)))` over
    extracted items e and the negatives n of their rows: an extracted item weighs as much as a
    target does in a cross entropy's mean over the rows.

    Args:
        model: The model.
        label_field: The field of a pointwise model's labels.
        num_items: Size of the catalogue, the padding id included.
    """

    def __init__(self, model: Any, label_field: str, num_items: int) -> None:
        self.model, self.label_field, self.num_items = model, label_field, num_items
        self._reads_labels = False  # found out at the first batch

    def __call__(self, visit: Visit, labels: Tensor, kept: Optional[Tensor]) -> Tensor:
        """Computes the loss.

        Args:
            visit: A visit of M rows, each an entry of its batch.
            labels: Labels of the candidates, shape [M, C].
            kept: Candidates that take part, shape [M, C], bool; None for all.

        Returns:
            The loss, a scalar.

        """
        if kept is not None:
            with self._leaving_out(visit):
                return self._calculate(visit)
        terms = softmax_terms(visit.logits, labels, None, visit.rows, visit.columns)
        weights = labels[visit.rows, visit.columns]
        return self._calculate(visit) + (weights * terms).sum() / len(labels)

    def require_leaving_out(self, batch: RowBatch) -> None:
        """Tries whether items can be left out of the model's loss, as `drop` does.

        Args:
            batch: A few rows, each an entry of its batch.

        Raises:
            InputError: if the loss compares the whole catalogue in a way of its own.
        """
        items = batch.targets.unsqueeze(1)
        none = torch.zeros_like(items, dtype=torch.bool)
        empty = torch.empty_like(batch.rows[:0])
        logits = torch.zeros(len(items), 2, device=items.device)
        visit = Visit(batch, items, none, logits, torch.zeros_like(batch.rows), empty, empty)
        with torch.random.fork_rng(), torch.no_grad(), self._leaving_out(visit) as masked:
            self._calculate(visit)
        if not masked and getattr(self.model, "loss_type", None) == "CE":
            raise InputError(
                f"fn_strategy is 'drop', but items cannot be left out of the own loss of "
                f"{type(self.model).__name__}; allowed are flip, soft and off, or another fn_loss"
            )

    def _calculate(self, visit: Visit) -> Tensor:
        negatives = _one_negative(visit)
        interaction = _with(visit.batch.interaction, {self.model.NEG_ITEM_ID: negatives})
        if self._reads_labels:
            interaction = self._labelled(interaction, negatives)
        try:
            loss = self.model.calculate_loss(interaction)
        except KeyError as error:
            if self._reads_labels or error.args != (self.label_field,):
                raise
            self._reads_labels = True
            return self._calculate(visit)
        # Some models return a tuple of terms, some a tensor of shape [1].
        terms = loss if isinstance(loss, tuple) else (loss,)
        return torch.stack([term.reshape(()) for term in terms]).sum()

    def _labelled(self, interaction: Interaction, negatives: Tensor) -> Interaction:
        """Each row as a positive, then each with a negative: what RecBole's loader makes."""
        ones = torch.ones(len(negatives), device=negatives.device)
        positive = _with(interaction, {self.label_field: ones})
        other = {self.model.ITEM_ID: negatives, self.label_field: torch.zeros_like(ones)}
        return cat_interactions([positive, _with(interaction, other)])

    @contextmanager
    def _leaving_out(self, visit: Visit) -> Iterator[list[bool]]:
        """Within the context, the model's cross entropy does not see the extracted items.

        Yields:
            A list that has an entry for each time that it was so.
        """
        num_rows = len(visit.batch.rows)
        masked: list[bool] = []

        def mask(_: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            # All items, and perhaps a mask's column (S3Rec): the main loss, not a contrastive one.
            if inputs[0].dim() != 2 or len(inputs[0]) != num_rows:
                return inputs
            if inputs[0].shape[1] < self.num_items:
                return inputs
            masked.append(True)
            index, minus_infinity = (visit.rows, visit.extracted_items), inputs[0].new_tensor(-1e30)
            return (inputs[0].index_put(index, minus_infinity), *inputs[1:])

        losses = [
            module for module in self.model.modules() if isinstance(module, nn.CrossEntropyLoss)
        ]
        hooks = [loss.register_forward_pre_hook(mask) for loss in losses]
        try:
            yield masked
        finally:
            for hook in hooks:
                hook.remove()


def _one_negative(visit: Visit) -> Tensor:
    """The last slot of each row that is not extracted, item ids [M]: slots fill from the front."""
    slots = torch.arange(visit.items.shape[1], device=visit.items.device)
    last = slots.masked_fill(visit.extracted, -1).amax(1) % visit.items.shape[1]
    return visit.items.gather(1, last.unsqueeze(1)).squeeze(1)


def _with(interaction: Interaction, fields: dict[str, Tensor]) -> Interaction:
    return Interaction({**interaction.interaction, **fields})
