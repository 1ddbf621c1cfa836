"""The likelihood of not recommending real negatives, beside the likelihood of the targets."""

import torch
import torch.nn.functional as F
from torch import Tensor

from recbole_fn.feedback.real_negatives import RealNegatives
from recbole_fn.losses.base import CandidateLoss, Weight
from recbole_fn.scoring.precision import full_precision
from recbole_fn.scoring.scored import Labelled, ScoredRows

_LOWEST = -1e30  # no effect in a sum of exponentials, and finite in its gradient


def not_to_recommend_terms(
    logits: Tensor, valid: Tensor | None, scores: Tensor, columns: Tensor | None = None
) -> Tensor:
    """The terms `-log(1 - p)` of items with negative feedback.

    `p = exp(s) / (exp(s) + sum_c exp(s_c))` with c over the row's other candidates: the item's
    probability in the softmax of the target ("Learning from Negative User Feedback and Measuring
    Responsiveness for Sequential Recommenders", RecSys 2023, arXiv 2308.12256, the
    "not-to-recommend" loss).

    Args:
        logits: Scores of the candidates, shape [rows, candidates].
        valid: Mask of the candidates that take part, shape [rows, candidates]; None for all.
        scores: Scores s of the items with negative feedback, shape [rows, items].
        columns: Their columns among the candidates, shape [rows, items]; None if they are none.

    Returns:
        The terms, shape [rows, items].

    Example:
        >>> not_to_recommend_terms(torch.zeros(1, 3), None, torch.zeros(1, 1))  # p = 1 / 4
        tensor([[0.2877]])
        >>> columns = torch.tensor([[2]])
        >>> not_to_recommend_terms(torch.zeros(1, 3), None, torch.zeros(1, 1), columns)  # 1 / 3
        tensor([[0.4055]])
    """
    if valid is not None:
        logits = logits.masked_fill(valid == 0, _LOWEST)
    others = torch.logsumexp(logits, dim=1, keepdim=True)  # [rows, 1]
    if columns is not None:
        others = _without(logits, others, scores, columns)  # [rows, items]
    return F.softplus(scores - others)


def _without(logits: Tensor, total: Tensor, scores: Tensor, columns: Tensor) -> Tensor:
    """Log of the sum of the exponentials of each item's other candidates: [rows, items].

    An item with more than half of the sum [rows, 1] is the row's highest, whose others are summed:
    a difference would lose all digits.
    """
    highest = logits.argmax(1, keepdim=True)  # [rows, 1]
    rest = torch.logsumexp(logits.scatter(1, highest, _LOWEST), dim=1, keepdim=True)  # [rows, 1]
    is_most = (columns == highest) & (scores - total > -0.7)  # [rows, items]
    share = (scores - total).masked_fill(is_most, -1.0).exp()
    return torch.where(is_most, rest, total + torch.log1p(-share))


class NotToRecommend(CandidateLoss):
    """A loss with a term for each real negative of a row, see `not_to_recommend_terms`.

    The loss is `(base * W + w * sum of the terms) / W` with W the weight of the base loss, for
    most the number of targets: a real negative counts w times as much as a target. A draw that
    repeats a real negative of its row is no candidate (`RealNegativeSampler`), and an item that is
    compared anyway (`fn_neg_num: all`) is not counted twice in p.

    Args:
        base: The loss of targets and candidates; it `normalises`.
        real: The real negatives of the training rows.
        most: K, the most real negatives of a row.
        weight: w, `fn_real_negative_weight`.

    Example:
        `make_loss` wraps the loss of a run with `fn_real_negative_loss: not_to_recommend`:

        >>> from recbole_fn.training.loss import make_loss
        >>> from recbole_fn.training.parts import Parts
        >>> config, dataset = feedback_run.config, feedback_run.train_data.dataset
        >>> config["fn_loss"], config["fn_real_negative_loss"] = "softmax", "not_to_recommend"
        >>> parts = Parts.of(config.final_config_dict)
        >>> loss = make_loss(parts, config, feedback_run.model, dataset)
        >>> type(loss).__name__, loss.base.name, loss.most
        ('NotToRecommend', 'softmax', 10)
    """

    def __init__(self, base: CandidateLoss, real: RealNegatives, most: int, weight: float) -> None:
        super().__init__(base.context, base.args)
        self.base, self.real, self.most, self.weight = base, real, most, weight

    def weighted_mean(
        self, logits: Tensor, labels: Tensor, valid: Tensor | None
    ) -> tuple[Tensor, Weight]:
        """That of the base loss, without real negatives."""
        return self.base.weighted_mean(logits, labels, valid)

    def of(self, scored: ScoredRows, labelled: Labelled) -> tuple[Tensor, Weight]:
        """The loss of scored rows with their real negatives."""
        base, weight = self.base.of(scored, labelled)
        items = self._items(scored.batch.rows)  # [rows, K]
        with torch.autocast(scored.logits.device.type, enabled=False):
            logits = full_precision(scored.logits)
            if scored.log_q is not None:
                logits = logits - self.context.logq * scored.log_q
            scores = full_precision(scored.score(items))  # [rows, K]
            columns = items if scored.candidates is None else None
            terms = not_to_recommend_terms(logits, labelled.valid, scores, columns)
            total = terms.masked_fill(items == 0, 0.0).sum()
        divisor = weight.clamp_min(1) if isinstance(weight, Tensor) else max(weight, 1)
        return base + self.weight * total / divisor, weight

    def _items(self, rows: Tensor) -> Tensor:
        if self.real.items.device != rows.device:
            self.real = self.real.to(rows.device)
        return self.real.of_rows(rows, self.most)
