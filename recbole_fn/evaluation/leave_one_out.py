"""What scores lose when an item of the history is left out."""

import torch
from recbole.data.interaction import Interaction
from torch import Tensor

from recbole_fn.utils.recbole_types import Model


def without_each(row: Interaction, items: str, lengths: str) -> Interaction:
    """A row, and below it the same without each item of its history in turn.

    Args:
        row: A single row. Each of its lists that is as wide as that of the items is shortened.
        items: The field with the list of items, padded with zeros at its end.
        lengths: The field with its length.

    Returns:
        1 + history rows.

    Example:
        >>> lists = {"item_list": torch.tensor([[7, 8, 0]]), "length": torch.tensor([2])}
        >>> without_each(Interaction(lists), "item_list", "length")["item_list"]
        tensor([[7, 8, 0],
                [8, 0, 0],
                [7, 0, 0]])
    """
    length, width = int(row[lengths]), row[items].shape[1]
    whole = torch.arange(width)
    places = [torch.cat([whole[:i], whole[i + 1 :], whole[i : i + 1]]) for i in range(length)]
    index = torch.stack([whole, *places])  # [1 + history, width]
    left = length - (torch.arange(1 + length) > 0).long()  # [1 + history]
    is_padding = whole >= left.unsqueeze(1)
    made = {}
    for name, values in row.interaction.items():
        if values.dim() > 1 and values.shape[1] == width:
            made[name] = values[0][index]
            made[name][is_padding] = 0
        else:
            made[name] = values.expand(1 + length, *values.shape[1:])
    return Interaction({**made, lengths: left})


def shares(model: Model, row: Interaction, items: str, lengths: str) -> tuple[Tensor, Tensor]:
    """The scores of a row, and what they lose without each item of its history.

    Args:
        model: The model, in evaluation mode.
        row: A single row.
        items: See `without_each`, like the next one.
        lengths: See `items`.

    Returns:
        The scores, shape [num_items]; and what they lose, shape [history, num_items].

    Raises:
        NotImplementedError: if the model scores pairs only.

    Example:
        >>> row = loaded.queries().rows(torch.arange(1))
        >>> scores, lost = shares(loaded.model, row, "item_id_list", "item_length")
        >>> scores.shape, lost.shape
        (torch.Size([51]), torch.Size([14, 51]))
    """
    rows = without_each(row, items, lengths)
    with torch.no_grad():
        scores = model.full_sort_predict(rows.to(next(model.parameters()).device))
    scores = scores.view(len(rows), -1).float().cpu()
    return scores[0], scores[0] - scores[1:]
