"""The model's own loss, with extracted items added to it or left out of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from recbole.data.interaction import Interaction, cat_interactions
from torch import Tensor, nn

from recbole_fn.data.batching import RowBatch
from recbole_fn.losses.base import CandidateLoss, LossContext, Weight
from recbole_fn.losses.softmax import softmax_terms
from recbole_fn.scoring.precision import full_precision
from recbole_fn.scoring.scored import Labelled, ScoredRows
from recbole_fn.utils.errors import InputError


class ModelLoss(CandidateLoss):
    """The model's `calculate_loss`, auxiliary and contrastive terms and all, and extraction's part.

    Extracted items whose label is 0 are left out of the model's cross entropy. Of the others, e,
    there is added `1 / M * sum_e y_e * -log(exp(s_e) / (exp(s_e) + sum_n (1 - y_n) * exp(s_n)))`
    over them and the other candidates n of their rows: an extracted item weighs as much as a
    target does in a cross entropy's mean over the rows.

    Args:
        context: The run.
        args: None are taken.

    Example:
        >>> loss = ModelLoss(LossContext(None, 9, 1, "label"), ModelLoss.Args())
        >>> loss.weighted_mean(torch.zeros(1, 2), torch.tensor([[1.0, 0.0]]), None)
        Traceback (most recent call last):
        NotImplementedError: a model's own loss is computed from a batch, not from scores
    """

    name = "model"
    is_relative = True

    def __init__(self, context: LossContext, args: Any) -> None:
        super().__init__(context, args)
        self._reads_labels = False  # found out at the first batch

    def weighted_mean(
        self, logits: Tensor, labels: Tensor, valid: Tensor | None
    ) -> tuple[Tensor, Weight]:
        """Cannot be computed; see `of`.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError("a model's own loss is computed from a batch, not from scores")

    def of(self, scored: ScoredRows, labelled: Labelled) -> tuple[Tensor, Weight]:
        """The loss of M scored rows, each an entry of its batch.

        Args:
            scored: The rows.
            labelled: Their labels.

        Returns:
            The loss, a scalar, and M.
        """
        rows, items, batch = scored.rows, scored.extracted_items, scored.batch
        # A target stays in, whoever extracts it: without it the cross entropy is infinite.
        out = (labelled.labels[rows, scored.columns] == 0) & (items != batch.targets[rows])
        with self._leaving_out(len(batch.rows), rows[out], items[out]):
            loss = self._calculate(batch, _one_negative(scored))
        added = _added(scored, labelled)
        return loss if added is None else loss + added, len(batch.rows)

    def require_leaving_out(self, batch: RowBatch) -> None:
        """Tries whether items can be left out of the model's loss, as `drop` does.

        Args:
            batch: A few rows, each an entry of its batch.

        Raises:
            InputError: if the loss compares the whole catalogue in a way of its own.
        """
        none, model = torch.empty_like(batch.rows[:0]), self.context.model
        leaving_out = self._leaving_out(len(batch.rows), none, none)
        with torch.random.fork_rng(), torch.no_grad(), leaving_out as masked:
            self._calculate(batch, batch.targets)
        if not masked and getattr(model, "loss_type", None) == "CE":
            raise InputError(
                f"fn_strategy is 'drop', but items cannot be left out of the own loss of "
                f"{type(model).__name__}; it must be flip, soft or off, or fn_loss another"
            )

    def _calculate(self, batch: RowBatch, negatives: Tensor) -> Tensor:
        interaction = _with(batch.interaction, {self.context.model.NEG_ITEM_ID: negatives})
        if self._reads_labels:
            interaction = self._labelled(interaction, negatives)
        try:
            loss = self.context.model.calculate_loss(interaction)
        except KeyError as error:
            if self._reads_labels or error.args != (self.context.label_field,):
                raise
            self._reads_labels = True
            return self._calculate(batch, negatives)
        # Some models return a tuple of terms, some a tensor of shape [1].
        terms = loss if isinstance(loss, tuple) else (loss,)
        return torch.stack([term.reshape(()) for term in terms]).sum()

    def _labelled(self, interaction: Interaction, negatives: Tensor) -> Interaction:
        """Each row as a positive, then each with a negative: what RecBole's loader makes."""
        ones, label = torch.ones(len(negatives), device=negatives.device), self.context.label_field
        positive = _with(interaction, {label: ones})
        other = {self.context.model.ITEM_ID: negatives, label: torch.zeros_like(ones)}
        return cat_interactions([positive, _with(interaction, other)])

    @contextmanager
    def _leaving_out(self, num_rows: int, rows: Tensor, items: Tensor) -> Iterator[list[bool]]:
        """Within the context, the model's cross entropy does not see `items` [E] of `rows` [E].

        Yields:
            A list that has an entry for each time that the cross entropy could be masked.
        """
        masked: list[bool] = []

        def mask(_: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            # All items, and perhaps a mask's column (S3Rec): the main loss, not a contrastive one.
            if inputs[0].dim() != 2 or len(inputs[0]) != num_rows:
                return inputs
            if inputs[0].shape[1] < self.context.num_items:
                return inputs
            masked.append(True)
            if len(rows) == 0:
                return inputs
            return (_without(inputs[0], rows, items), *inputs[1:])

        modules = self.context.model.modules()
        losses = [module for module in modules if isinstance(module, nn.CrossEntropyLoss)]
        hooks = [loss.register_forward_pre_hook(mask) for loss in losses]
        try:
            yield masked
        finally:
            for hook in hooks:
                hook.remove()


def _added(scored: ScoredRows, labelled: Labelled) -> Tensor | None:
    """The terms of extracted items, a scalar; None where there are none."""
    rows, columns = scored.rows, scored.columns
    positive = labelled.labels[rows, columns] > 0
    if labelled.valid is not None:
        positive = positive & labelled.valid[rows, columns]
    rows, columns = rows[positive], columns[positive]
    if len(rows) == 0:
        return None
    with torch.autocast(scored.logits.device.type, enabled=False):
        logits = full_precision(scored.logits)
        labels = labelled.labels.to(logits.dtype)
        terms = softmax_terms(logits, labels, labelled.valid, rows, columns)
        return (labels[rows, columns] * terms).sum() / len(labels)


def _without(logits: Tensor, rows: Tensor, items: Tensor) -> Tensor:
    """The logits with those of `items` so low that they have no part in a softmax."""
    lowest = max(-1e30, torch.finfo(logits.dtype).min)
    return logits.index_put((rows, items), logits.new_tensor(lowest))


def _one_negative(scored: ScoredRows) -> Tensor:
    """The last slot of each row that is not extracted, item ids [M]: slots fill from the front."""
    slots = torch.arange(scored.items.shape[1], device=scored.items.device)
    last = slots.masked_fill(scored.extracted, -1).amax(1) % scored.items.shape[1]
    return scored.items.gather(1, last.unsqueeze(1)).squeeze(1)


def _with(interaction: Interaction, fields: dict[str, Tensor]) -> Interaction:
    return Interaction({**interaction.interaction, **fields})
