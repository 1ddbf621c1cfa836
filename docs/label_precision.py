"""How often extracted items are what the user took later, by the rank of the row's own target.

`python docs/label_precision.py CHECKPOINT OUT.csv` reads a checkpoint of a training with
extraction and leave-one-out; what the user took later are the targets of validation and test.
"""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import pandas as pd
import torch
from torch import Tensor

from recbole_fn.data.loaders import dataset_of
from recbole_fn.experiment.load import load_data_and_model, read_state
from recbole_fn.extraction.counted_pairs import counted_pairs
from recbole_fn.utils.recbole_types import Dataset, Model

Line = dict[str, Any]
_EDGES = torch.tensor([10, 100, 1000])  # the last ranks of the groups but the last
_NAMES = ("1 - 10", "11 - 100", "101 - 1000", "from 1001 on")


def target_ranks(model: Model, rows: Dataset) -> Tensor:
    """The rank of each training row's target among all items, [rows].

    Args:
        model: A model with the weights of evaluation.
        rows: The training set.
    """
    targets, ranks = rows.inter_feat[rows.iid_field], []
    model.eval()
    with torch.no_grad():
        for part in torch.arange(len(rows)).split(2048):
            scores = model.full_sort_predict(rows[part]).view(len(part), -1)[:, 1:]  # type: ignore[index]
            own = scores.gather(1, targets[part].unsqueeze(1) - 1)
            ranks.append(1 + (scores > own).sum(1))
    return torch.cat(ranks)


def later_items(splits: list[Dataset], num_users: int) -> Tensor:
    """Each user's held-out items, [users, splits]; 0 where there is none.

    Args:
        splits: The data sets of validation and test.
        num_users: Number of users, the padding included.
    """
    later = torch.zeros(num_users, len(splits), dtype=torch.int64)
    for column, split in enumerate(splits):
        later[split.inter_feat[split.uid_field], column] = split.inter_feat[split.iid_field]
    return later


def by_rank(
    ranks: Tensor, rows: Tensor, is_right: Tensor, chance: Tensor
) -> list[dict[str, object]]:
    """A line for each group of ranks.

    Args:
        ranks: Rank of each row's target, [rows].
        rows: The row of each extracted item, [pairs].
        is_right: Whether the user took the item later, [pairs].
        chance: How often a random item of the user would be, [pairs].
    """
    groups = torch.bucketize(ranks, _EDGES)
    lines: list[Line] = []
    for group, name in enumerate(_NAMES):
        of_group = groups[rows] == group
        right, expected = is_right[of_group].double().mean(), chance[of_group].mean()
        line = {"rank": name, "rows": int((groups == group).sum()), "pairs": int(of_group.sum())}
        lines.append({**line, "precision": float(right), "lift": float(right / expected)})
    return lines


def main(checkpoint: str, out: str) -> None:
    """Writes the file of a checkpoint."""
    sys.argv = sys.argv[:1]  # RecBole reads it too
    config, model, dataset, train, valid, test = load_data_and_model(checkpoint)
    memory = read_state(checkpoint)["fn"]["learner"]["memory"]
    pairs = counted_pairs({name: tensor.cpu() for name, tensor in memory.items()})
    rows, later = (
        dataset_of(train),
        later_items([dataset_of(valid), dataset_of(test)], dataset.user_num),
    )
    users, ranks = rows.inter_feat[rows.uid_field], target_ranks(model, rows)
    free = dataset.item_num - 2 - torch.bincount(users, minlength=dataset.user_num)
    chance = (later > 0).sum(1) / free.double()
    is_flipped = pairs.counts > config["fn_flip_after"]
    lines = []
    for what, chosen in (("flipped", is_flipped), ("hard", pairs.is_hard & ~is_flipped)):
        of_user, items = users[pairs.rows[chosen]], pairs.items[chosen]
        is_right = (later[of_user] == items.unsqueeze(1)).any(1)
        found = by_rank(ranks, pairs.rows[chosen], is_right, chance[of_user])
        lines += [{"items": what, **line} for line in found]
    pd.DataFrame(lines).to_csv(out, index=False)


if __name__ == "__main__":
    main(*sys.argv[1:3])
