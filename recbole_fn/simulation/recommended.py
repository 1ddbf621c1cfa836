"""The fraction of recommended items that users like, which held-out items cannot show."""

import torch
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.experiment.build import Experiment
from recbole_fn.simulation.row_truth import RowTruth
from recbole_fn.utils.recbole_types import Dataset

_BATCH = 1024  # rows whose catalogue is scored together


def liked_fraction(run: Experiment, rows: RowTruth, dataset: Dataset, length: int = 10) -> float:
    """The fraction of recommended items that the user likes at the step of the row.

    The items with the highest scores that the user has not had in training are recommended, with
    the weights that evaluation uses.

    Args:
        run: An experiment after its first training step.
        rows: The truth of the rows.
        dataset: The built data set of the rows, such as the validation set.
        length: Items recommended for each row.

    Example:
        >>> from types import SimpleNamespace
        >>> loader = new_run.trainer.fn_prepare(new_run.train_data)
        >>> rows = SimpleNamespace(liked=lambda rows, items: items > 0)  # all is liked
        >>> liked_fraction(new_run, rows, new_run.valid_data.dataset)
        1.0
    """
    with torch.no_grad(), run.trainer.fn_step.evaluation_weights():
        run.model.eval()
        parts = torch.arange(len(dataset)).split(_BATCH)
        lists = torch.cat([_recommended(run, dataset, part, length) for part in parts])
    owners = torch.arange(len(lists)).repeat_interleave(lists.shape[1])
    return float(rows.liked(owners, lists.flatten().cpu()).double().mean())


def _recommended(run: Experiment, dataset: Dataset, rows: Tensor, length: int) -> Tensor:
    """The items with the highest scores for each row, shape [rows, length]."""
    row = dataset.inter_feat[rows].to(run.config["device"])
    batch = RowBatch(row, rows, row[dataset.uid_field], row[dataset.iid_field])
    scores: Tensor = run.trainer.fn_step.scorer.encode(run.model, batch).catalogue()
    scores = scores[:, : dataset.item_num].clone()
    run.trainer.fn_sampler.mask_excluded(scores, batch.users)
    scores[:, 0] = -torch.inf
    return scores.topk(min(length, scores.shape[1] - 1), dim=1).indices
