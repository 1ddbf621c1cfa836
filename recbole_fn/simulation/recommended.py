"""Do users like what is recommended to them? Held-out items alone cannot tell: they were shown."""

from typing import Any

import torch
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.experiment.build import Experiment
from recbole_fn.simulation.row_truth import RowTruth

_BATCH = 1024  # rows whose catalogue is scored together


def liked_fraction(run: Experiment, rows: RowTruth, dataset: Any, length: int = 10) -> float:
    """The share of recommended items that the user likes at the step of the row.

    Recommended are the items with the highest scores that the user has not had in training,
    from the weights that evaluation uses.

    Args:
        run: A run whose trainer has begun to train.
        rows: The truth of the rows.
        dataset: The built data set whose rows they are, such as that of validation.
        length: Items recommended for a row.
    """
    with torch.no_grad(), run.trainer.fn_step.evaluation_weights():
        run.model.eval()
        parts = torch.arange(len(dataset)).split(_BATCH)
        lists = torch.cat([_recommended(run, dataset, part, length) for part in parts])
    owners = torch.arange(len(lists)).repeat_interleave(lists.shape[1])
    return float(rows.liked(owners, lists.flatten().cpu()).double().mean())


def _recommended(run: Experiment, dataset: Any, rows: Tensor, length: int) -> Tensor:
    """The highest items of each row, shape [rows, length]."""
    row = dataset.inter_feat[rows].to(run.config["device"])
    batch = RowBatch(row, rows, row[dataset.uid_field], row[dataset.iid_field])
    scores: Tensor = run.trainer.fn_step.scorer.encode(run.model, batch).catalogue()
    scores = scores[:, : dataset.item_num].clone()
    run.trainer.fn_sampler.mask_excluded(scores, batch.users)
    scores[:, 0] = -torch.inf
    return scores.topk(min(length, scores.shape[1] - 1), dim=1).indices
