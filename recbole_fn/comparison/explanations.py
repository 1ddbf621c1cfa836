"""What the report shows of a job beside numbers: what was extracted, why items come first."""

from typing import Any

import torch
from recbole.data.interaction import Interaction
from torch import Tensor

from recbole_fn import checkpoint
from recbole_fn.comparison.extraction_results import describe_extraction
from recbole_fn.data.loaders import ROW_FIELD, dataset_of
from recbole_fn.evaluation.leave_one_out import shares
from recbole_fn.evaluation.seen import SeenItems
from recbole_fn.experiment.build import Experiment
from recbole_fn.results.explained_list import ExplainedItem
from recbole_fn.utils.spread import spread

_USERS, _REASONS = 5, 3


def for_report(run: Experiment, popularity: Tensor) -> dict[str, Any]:
    """The parts of a `JobResult` that only the report shows; loads the best weights.

    Args:
        run: A run after its test.
        popularity: Number of users who had each item in training, shape [num_items].

    Example:
        >>> from recbole_fn.evaluation.popularity import item_users
        >>> result = new_run.trainer.fit(new_run.train_data, new_run.valid_data, verbose=False)
        >>> sorted(for_report(new_run, item_users(new_run.train_data)))
        ['explained', 'extracted']
    """
    extracted = describe_extraction(run, popularity)
    run.model.load_state_dict(checkpoint.load(run.trainer.saved_model_file)["state_dict"])
    run.model.eval()
    return {"extracted": extracted, "explained": explained_items(run)}


def explained_items(run: Experiment) -> list[ExplainedItem]:
    """For a few users of the test, the first new item and the items of the history it comes from.

    New is what the user has not had before the target, whatever the kind of feedback and however
    short the lists are cut. The users are spread evenly over those with two items or more, rather
    than picked.

    Args:
        run: A run whose model has the weights to explain.

    Returns:
        At most five, without users who have had everything; none for models that score pairs only.

    Example:
        >>> one = explained_items(run)[0]
        >>> type(one).__name__, len(one.because) == len(one.shares)
        ('ExplainedItem', True)
    """
    dataset = dataset_of(run.test_data)
    several = (dataset.inter_feat[dataset.item_list_length_field] > 1).nonzero()[:, 0]
    chosen = several[spread(len(several), min(_USERS, len(several)))]
    seen = SeenItems([dataset_of(run.train_data), dataset_of(run.valid_data)], dataset)
    try:
        explained = [_explained(run, seen, place) for place in chosen]
    except NotImplementedError:  # `full_sort_predict` of DIN and DIEN
        return []
    return [one for one in explained if one is not None]


def _explained(run: Experiment, seen: SeenItems, place: Tensor) -> ExplainedItem | None:
    dataset = run.dataset
    row = dataset_of(run.test_data).inter_feat[place.reshape(1)]
    items = dataset.iid_field + run.config["LIST_SUFFIX"]
    prepared = run.test_data.transform(dataset, row)  # type: ignore[attr-defined]
    scores, lost = shares(run.model, prepared, items, dataset.item_list_length_field)
    history = prepared[items][0]
    scores[history] = -torch.inf  # zeros after it are the padding
    scores[_had(seen, row, place)] = -torch.inf
    scores[0] = -torch.inf
    first = int(scores.argmax())
    if scores[first] == -torch.inf:
        return None
    share, place = lost[:, first].sort(descending=True, stable=True)
    reasons = [one for one in zip(history[place].tolist(), share.tolist()) if one[1] > 0]
    return ExplainedItem(
        user=str(dataset.id2token(dataset.uid_field, int(row[dataset.uid_field]))),
        item=_token(run, first),
        because=[_token(run, item) for item, _ in reasons[:_REASONS]],
        shares=[value for _, value in reasons[:_REASONS]],
        target=_token(run, int(row[dataset.iid_field])),
    )


def _had(seen: SeenItems, row: Interaction, place: Tensor) -> Tensor:
    """What the user of a row has had before its target, which may be among them."""
    row.update(Interaction({ROW_FIELD: place.reshape(1)}))  # as a loader does
    return seen.excluded(row, targets=torch.zeros(1, dtype=torch.long))[1]  # spares the padding


def _token(run: Experiment, item: int) -> str:
    return str(run.dataset.id2token(run.dataset.iid_field, item))
