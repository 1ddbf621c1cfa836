"""Probes on a few rows which fast ways of encoding a model leave its results unchanged.

The model's name plays no role. Each fast way is compared with the model's results row by row, so
a user's own model is handled like RecBole's.
"""

import torch
from recbole.data.interaction import Interaction
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.data.trimming import HistoryColumns, trimmed
from recbole_fn.scoring.dot_scorer import DotScorer, all_positions
from recbole_fn.scoring.probe_mode import probe_mode
from recbole_fn.scoring.scorers import Scorer
from recbole_fn.utils.recbole_types import Model

_PROBE_ITEMS = 100


def encodes_all_positions(model: Model, scorer: Scorer, interaction: Interaction) -> bool:
    """Whether one pass over a history encodes each of its prefixes as if encoded alone.

    Each row is encoded once with all positions, and each position is compared with the row cut
    off after it. This detects models that use later items or their number.

    Args:
        model: The model.
        scorer: The model's scorer.
        interaction: A few rows on the model's device, including the longest.

    Example:
        A running sum is causal; a mean over the whole list is not:

        >>> class Sum(torch.nn.Module):
        ...     ITEM_ID, ITEM_SEQ, ITEM_SEQ_LEN = "item", "items", "length"
        ...     fn_all_positions = False
        ...     def forward(self, items, length):
        ...         states = self.states(items[..., None].float())
        ...         last = states[torch.arange(len(items)), length - 1]
        ...         return states if self.fn_all_positions else last
        ...     def states(self, vectors):
        ...         return vectors.cumsum(1)
        >>> class Mean(Sum):
        ...     def states(self, vectors):
        ...         return vectors.mean(1, keepdim=True).expand_as(vectors)
        >>> items, length = torch.tensor([[5, 6, 7], [8, 9, 0]]), torch.tensor([3, 2])
        >>> rows = Interaction({"items": items, "length": length})
        >>> scorer = DotScorer(("items", "length"))
        >>> encodes_all_positions(Sum(), scorer, rows), encodes_all_positions(Mean(), scorer, rows)
        (True, False)
    """
    if not isinstance(scorer, DotScorer):
        return False
    with probe_mode(model):
        try:
            with all_positions(model):
                full = scorer.forward(model, interaction)  # [rows, length, hidden]
        except (RuntimeError, IndexError, TypeError):
            return False  # the model's own code needs [rows, hidden] here
        return full.dim() == 3 and _equals_prefixes(model, scorer, interaction, full)


def _equals_prefixes(
    model: Model, scorer: DotScorer, interaction: Interaction, full: Tensor
) -> bool:
    lengths = interaction[model.ITEM_SEQ_LEN]
    for length in range(1, int(lengths.max()) + 1):
        reaches = lengths >= length  # [rows]
        alone = scorer.forward(model, _cut_off(model, interaction, length))  # [rows, hidden]
        if not torch.allclose(alone[reaches], full[reaches, length - 1], atol=1e-5):
            return False
    return True


def allows_trimming(model: Model, scorer: Scorer, interaction: Interaction) -> bool:
    """Whether lists cut to the longest history of a batch give the same scores as padded lists.

    This detects models that read fixed columns or mix all positions. The rows are cut off to
    several lengths, as later batches may be shorter than all of them.

    Args:
        model: The model.
        scorer: The model's scorer.
        interaction: A few rows on the model's device.

    Example:
        >>> rows = run.train_data.dataset[:8]
        >>> allows_trimming(run.model, run.trainer.fn_step.scorer, rows)
        True
    """
    lists, lengths = _lists_of(model, interaction), interaction[model.ITEM_SEQ_LEN]
    shorter = [int(lengths.max()) >> n for n in range(int(lengths.max()).bit_length())]
    # Not from the model's n_items: it may exceed the catalogue, as S3Rec's does.
    items = interaction[model.ITEM_SEQ].unique()[-_PROBE_ITEMS:]  # [candidates]
    with probe_mode(model):
        for longest in sorted({*lengths.tolist(), *shorter}):
            rows = _cut_off(model, interaction, longest)
            full = _row_scores(model, scorer, rows, items)
            try:
                cut = _row_scores(model, scorer, trimmed(rows, model.ITEM_SEQ_LEN, lists), items)
            except (RuntimeError, IndexError):
                return False
            if not torch.allclose(cut, full, atol=1e-5):
                return False
    return True


def _row_scores(model: Model, scorer: Scorer, rows: Interaction, items: Tensor) -> Tensor:
    """Scores [rows, candidates] of the same items [candidates] for each row."""
    targets = rows[model.ITEM_ID]
    batch = RowBatch(rows, targets, targets, targets)
    return scorer.encode(model, batch).score(items.repeat(len(targets), 1))


def _cut_off(model: Model, interaction: Interaction, length: int) -> Interaction:
    """The rows with only their first `length` items; the rest of each list is 0."""
    lists, cut = _lists_of(model, interaction), {}
    for name, value in interaction.interaction.items():
        cut[name] = value.clone()
        if lists.has(name, value):
            cut[name][:, length:] = 0
    cut[model.ITEM_SEQ_LEN] = interaction[model.ITEM_SEQ_LEN].clamp(max=length)
    return Interaction(cut)


def _lists_of(model: Model, interaction: Interaction) -> HistoryColumns:
    suffix = model.ITEM_SEQ.removeprefix(model.ITEM_ID)
    return HistoryColumns(suffix, interaction[model.ITEM_SEQ].shape[1])
