"""The model's own loss, with extracted items added as positives or left out."""

from collections.abc import Mapping

import torch
from recbole.data.interaction import Interaction, cat_interactions
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.data.item_features import features_of
from recbole_fn.losses.base import CandidateLoss, LossContext, Weight
from recbole_fn.losses.leaving_out import leaving_out
from recbole_fn.losses.one_negative import one_negative
from recbole_fn.losses.softmax import softmax_terms
from recbole_fn.scoring.precision import full_precision
from recbole_fn.scoring.scored import Labelled, ScoredRows
from recbole_fn.scoring.still import still_statistics
from recbole_fn.utils.errors import InputError


class ModelLoss(CandidateLoss):
    """The model's `calculate_loss`, including auxiliary terms, plus a term for extracted items.

    Extracted items with label 0 are left out of the model's cross entropy. For the other extracted
    items e, the loss adds
    `1 / rows * sum_e y_e * -log(exp(s_e) / (exp(s_e) + sum_n (1 - y_n) * exp(s_n)))` with n over
    the other candidates of the row. So an extracted item weighs as much as a target.

    A model that reads a negative gets one for each row (`one_negative`); a row that has none is
    left out of its loss.

    Args:
        context: The run.
        args: An instance of `NoArgs`.

    Example:
        >>> loss = ModelLoss(LossContext(None, 9, 1, "label"), ModelLoss.Args())
        >>> loss.weighted_mean(torch.zeros(1, 2), torch.tensor([[1.0, 0.0]]), None)
        Traceback (most recent call last):
        NotImplementedError: a model's own loss is computed from a batch, not from scores
    """

    name = "model"
    is_relative = True
    is_of_rows = False  # it may compare the rows of a batch with each other

    def __init__(self, context: LossContext, args: object) -> None:
        super().__init__(context, args)
        self._reads_labels = False  # the first batch shows whether it does
        self._reads_negatives = False  # the first row without a negative shows whether it does

    def weighted_mean(
        self, logits: Tensor, labels: Tensor, valid: Tensor | None
    ) -> tuple[Tensor, Weight]:
        """Not defined for scores alone; see `of`.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError("a model's own loss is computed from a batch, not from scores")

    def of(self, scored: ScoredRows, labelled: Labelled) -> tuple[Tensor, Weight]:
        """The loss of scored rows, each a separate entry of its batch.

        Args:
            scored: The rows.
            labelled: Their labels.

        Returns:
            The loss, a scalar, and the number of rows.
        """
        rows, items, batch = scored.rows, scored.extracted_items, scored.batch
        # A target always stays in; without it the cross entropy would be infinite.
        out = (labelled.labels[rows, scored.columns] == 0) & (items != batch.targets[rows])
        loss = self._own(batch, *one_negative(scored, labelled), rows[out], items[out])
        if loss is None:
            loss = 0 * scored.logits.sum()
        added = _added(scored, labelled)
        return loss if added is None else loss + added, len(batch.rows)

    def require_leaving_out(self, batch: RowBatch) -> None:
        """Checks that items can be left out of the model's loss, as `drop` needs.

        Args:
            batch: A few rows, each a separate entry of its batch.

        Raises:
            InputError: if the loss compares the whole catalogue in a way that cannot be masked.
        """
        none, model = torch.empty_like(batch.rows[:0]), self.context.model
        trial = leaving_out(self.context, len(batch.rows), none, none)
        with torch.random.fork_rng(), torch.no_grad(), still_statistics(model), trial as masked:
            self._calculate(batch, batch.targets)
        if not masked and getattr(model, "loss_type", None) == "CE":
            raise InputError(
                f"fn_strategy is 'drop', but items cannot be left out of the own loss of "
                f"{type(model).__name__}; it must be flip, soft or off, or fn_loss another"
            )

    def _own(
        self, batch: RowBatch, negatives: Tensor, has_one: Tensor, rows: Tensor, items: Tensor
    ) -> Tensor | None:
        """The model's loss, without `items` [masked] of `rows` [masked].

        If it reads `negatives` [rows], it is that of the rows that have one, `has_one` [rows],
        bool; None if there are none.
        """
        if has_one.all():
            return self._calculate_without(batch, negatives, rows, items)
        if not self._reads_negatives:
            try:
                return self._calculate_without(batch, None, rows, items)
            except KeyError as error:
                if self._of_negatives(batch.targets).keys().isdisjoint(error.args):
                    raise
                self._reads_negatives = True
        if not has_one.any():
            return None
        kept, place = has_one[rows], has_one.cumsum(0) - 1
        batch, rows = batch.select(has_one), place[rows[kept]]
        return self._calculate_without(batch, negatives[has_one], rows, items[kept])

    def _calculate_without(
        self, batch: RowBatch, negatives: Tensor | None, rows: Tensor, items: Tensor
    ) -> Tensor:
        with leaving_out(self.context, len(batch.rows), rows, items):
            return self._calculate(batch, negatives)

    def _calculate(self, batch: RowBatch, negatives: Tensor | None) -> Tensor:
        interaction = batch.interaction
        if negatives is not None:
            interaction = _with(interaction, self._of_negatives(negatives))
        if self._reads_labels:
            if negatives is None:
                raise KeyError(self.context.model.NEG_ITEM_ID)
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
        return torch.stack([term.reshape(()) for term in terms]).sum()  # a scalar, of [terms]

    def _labelled(self, interaction: Interaction, negatives: Tensor) -> Interaction:
        """All rows as positives, then all with a negative, as RecBole's loader makes them."""
        ones, label = torch.ones(len(negatives), device=negatives.device), self.context.label_field
        positive = _with(interaction, {label: ones})
        item = {self.context.model.ITEM_ID: negatives, label: torch.zeros_like(ones)}
        other = {**item, **features_of(self.context.features, negatives)}
        return cat_interactions([positive, _with(interaction, other)])

    def _of_negatives(self, negatives: Tensor) -> dict[str, Tensor]:
        """The columns of a negative of each row, as RecBole's loader makes them."""
        name = self.context.model.NEG_ITEM_ID
        prefix = name.removesuffix(self.context.model.ITEM_ID)
        return {name: negatives, **features_of(self.context.features, negatives, prefix)}


def _added(scored: ScoredRows, labelled: Labelled) -> Tensor | None:
    """The weighted terms of extracted items, a scalar; None if there are none."""
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


def _with(interaction: Interaction, fields: Mapping[str, Tensor]) -> Interaction:
    """An interaction with other fields."""
    return Interaction({**interaction.interaction, **fields})
