"""The fraction of recommended items that users like, which held-out items cannot show."""

import torch
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.data.history import UserHistories
from recbole_fn.data.loaders import dataset_of
from recbole_fn.data.split_histories import histories_of
from recbole_fn.experiment.build import Experiment
from recbole_fn.simulation.row_truth import RowTruth
from recbole_fn.utils.recbole_types import Dataset

_BATCH = 1024  # rows whose catalogue is scored together


def liked_fraction(run: Experiment, rows: RowTruth, dataset: Dataset, length: int = 10) -> float:
    """The fraction of recommended items that the user likes at the step of the row.

    The items with the highest scores that the user has not had in training are recommended, with
    the weights that evaluation uses. What is drawn as a negative, and which kinds of feedback a
    model reads, does not matter: liked or not, an item of training is not recommended again.

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
    had = histories_of([dataset_of(run.train_data)]).to(run.config["device"])
    with torch.no_grad(), run.trainer.fn_step.evaluation_weights():
        run.model.eval()
        parts = torch.arange(len(dataset)).split(_BATCH)
        lists = [_recommended(run, had, dataset, part, length) for part in parts]
    owners, items = (torch.cat(one).cpu() for one in zip(*lists, strict=True))
    return float(rows.liked(owners, items).double().mean())


def _recommended(
    run: Experiment, had: UserHistories, dataset: Dataset, rows: Tensor, length: int
) -> tuple[Tensor, Tensor]:
    """The items with the highest scores for each row: the row of each, and the item."""
    row = dataset.inter_feat[rows].to(run.config["device"])
    batch = RowBatch(row, rows, row[dataset.uid_field], row[dataset.iid_field])
    scores: Tensor = run.trainer.fn_step.scorer.encode(run.model, batch).catalogue()
    scores = scores[:, : dataset.item_num].clone()
    scores[had.items_of(batch.users)] = -torch.inf
    scores[:, 0] = -torch.inf
    top = scores.topk(min(length, scores.shape[1] - 1), dim=1)  # [rows, length]
    is_new = top.values > -torch.inf  # a user may have fewer new items than asked for
    return rows[is_new.nonzero()[:, 0].cpu()], top.indices[is_new]
