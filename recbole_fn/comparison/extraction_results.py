"""Summarizes extraction at the end of a training run."""

from typing import Any

import torch
from torch import Tensor

from recbole_fn.data.loaders import dataset_of
from recbole_fn.experiment.build import Experiment
from recbole_fn.extraction.counted_pairs import CountedPairs, counted_pairs
from recbole_fn.extraction.false_negative_check import check_false_negatives
from recbole_fn.results.extraction_result import ExtractionExample, ExtractionResult, HeldOutRate

_GROUPS = 10
_USERS, _ITEMS = 5, 10  # of an example: users, and items of each list but those of targets


def describe_extraction(run: Experiment, popularity: Tensor) -> ExtractionResult | None:
    """Summarizes what the memory of a run holds.

    Args:
        run: A run after training.
        popularity: Number of users who had each item in training, shape [num_items].

    Returns:
        The summary; None if extraction never started.

    Example:
        >>> from recbole_fn.evaluation.popularity import item_users
        >>> sorted(describe_extraction(run, item_users(run.train_data)).held_out)
        ['flipped', 'hard']
    """
    if not getattr(run.trainer, "fn_has_extracted", False):
        return None
    state = run.trainer.fn_step.memory.state_dict()
    pairs = counted_pairs({name: tensor.cpu() for name, tensor in state.items()})
    is_flipped = pairs.counts > run.trainer.fn_parts.settings.flip_after
    chosen = {"flipped": is_flipped, "hard": pairs.is_hard & ~is_flipped}
    groups, number = popularity_groups(popularity), popularity[1:].float()
    shares = check_false_negatives(run.trainer, run.valid_data, run.test_data)
    rates = [HeldOutRate(one.pairs, one.share, one.random) for one in shares]
    return ExtractionResult(
        visits=torch.bincount(pairs.counts).tolist(),
        popularity={
            "interactions": torch.bincount(groups[1:], number, _GROUPS).long().tolist(),
            **{name: _per_group(groups[pairs.items[of]]) for name, of in chosen.items()},
        },
        held_out=dict(zip(chosen, rates, strict=True)),
        examples=_examples(run, pairs, is_flipped),
    )


def popularity_groups(popularity: Tensor) -> Tensor:
    """Tenths of the catalogue, from 0 for the most popular tenth of the items.

    Args:
        popularity: Popularity of each item, the padding first, shape [num_items].

    Returns:
        The group of each item, shape [num_items]; the padding's has no meaning.

    Example:
        >>> popularity_groups(torch.tensor([0, 5, 9])).tolist()  # padding and two items
        [0, 5, 0]
    """
    groups = torch.zeros_like(popularity, dtype=torch.int64)
    order = 1 + torch.argsort(popularity[1:], descending=True, stable=True)
    places = torch.arange(len(order))
    groups[order] = torch.div(places * _GROUPS, max(len(order), 1), rounding_mode="floor")
    return groups


def _per_group(groups: Tensor) -> list[int]:
    counts: list[int] = torch.bincount(groups, minlength=_GROUPS).tolist()
    return counts


def _examples(run: Experiment, pairs: CountedPairs, is_flipped: Tensor) -> list[ExtractionExample]:
    """Examples spread evenly over the users with a flipped item, rather than picked."""
    rows = run.trainer.fn_train_dataset.inter_feat
    owners, items = rows[run.dataset.uid_field][pairs.rows[is_flipped]], pairs.items[is_flipped]
    counts, users = pairs.counts[is_flipped], torch.unique(owners)
    places = torch.linspace(0, len(users) - 1, min(_USERS, len(users))).round().long()
    examples = []
    for user in users[places]:
        visits = torch.bincount(items[owners == user], counts[owners == user].float())
        flipped = torch.argsort(visits, descending=True, stable=True)[:_ITEMS]
        examples.append(
            ExtractionExample(
                user=str(run.dataset.id2token(run.dataset.uid_field, int(user))),
                history=_tokens(run, _history(run, user)),
                flipped=_tokens(run, flipped[visits[flipped] > 0]),
                valid=_tokens(run, _targets(run, run.valid_data, user)),
                test=_tokens(run, _targets(run, run.test_data, user)),
            )
        )
    return examples


def _history(run: Experiment, user: Tensor) -> Tensor:
    """The user's last items in training, in order."""
    dataset = run.trainer.fn_train_dataset
    rows, lengths = dataset.inter_feat, dataset.inter_feat[dataset.item_list_length_field]
    own = (rows[dataset.uid_field] == user).nonzero().squeeze(1)
    # Rows of a user lie in time order, and from some length on their histories are cut.
    last = own[len(own) - 1 - int(torch.argmax(lengths[own].flip(0)))]
    listed = rows[dataset.iid_field + run.config["LIST_SUFFIX"]][last][: int(lengths[last])]
    return torch.cat([listed, rows[dataset.iid_field][last : last + 1]])[-_ITEMS:]


def _targets(run: Experiment, loader: Any, user: Tensor) -> Tensor:
    rows = dataset_of(loader).inter_feat
    targets: Tensor = rows[run.dataset.iid_field][rows[run.dataset.uid_field] == user]
    return targets  # all of them: an extracted item may be any


def _tokens(run: Experiment, items: Tensor) -> list[str]:
    return [str(run.dataset.id2token(run.dataset.iid_field, int(item))) for item in items]
