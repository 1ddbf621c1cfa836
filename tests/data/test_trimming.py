"""Lists are cut to a batch's longest history; columns of a row that are as wide are not."""

import torch
from recbole.data.interaction import Interaction

from recbole_fn.data.trimming import HistoryColumns, trimmed

WIDTH = 4


def test_only_lists_of_histories_are_cut():
    whole = {
        "item_id": torch.tensor([9, 8]),
        "item_id_list": torch.tensor([[1, 2, 0, 0], [3, 0, 0, 0]]),
        "time_list": torch.tensor([[0.1, 0.2, 0.0, 0.0], [0.3, 0.0, 0.0, 0.0]]),
        "tags_list": torch.ones(2, WIDTH, 3),
        "tags": torch.tensor([[1, 2, 3, 4], [5, 6, 7, 8]]),  # of the row, and as wide
        "few_list": torch.ones(2, WIDTH - 1),  # a user's own column with such a name
        "item_length": torch.tensor([2, 1]),
    }
    cut = trimmed(Interaction(whole), "item_length", HistoryColumns("_list", WIDTH))
    for name in ("item_id_list", "time_list", "tags_list"):
        assert torch.equal(cut[name], whole[name][:, :2])
    for name in ("item_id", "tags", "few_list", "item_length"):
        assert torch.equal(cut[name], whole[name])
