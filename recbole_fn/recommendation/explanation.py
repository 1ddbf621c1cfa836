"""Which items of a history a recommendation comes from: leave one out."""

import pandas as pd
import torch
from torch import Tensor

from recbole_fn.data.queries import Queries
from recbole_fn.data.whole_histories import queries_of_items
from recbole_fn.feedback.kinds import KIND_FIELD
from recbole_fn.recommendation.exclusion import exclusions
from recbole_fn.recommendation.list_length import list_length
from recbole_fn.recommendation.lists import Plan, frames
from recbole_fn.recommendation.loading import Loaded
from recbole_fn.recommendation.scoring import Catalogue
from recbole_fn.recommendation.selection import item_id, users_of
from recbole_fn.report.html import document, table
from recbole_fn.utils.digits import significant
from recbole_fn.utils.errors import InputError

_COLUMNS = ("rank", "item", "score", "because of", "share")
_NO_REASON = ("", float("nan"))  # an item has a row all the same, or its rank would be missing


def explain(loaded: Loaded, user: str, k: int = 5, because: int = 3) -> pd.DataFrame:
    """For each recommended item, the items of the user's history without which it scores least.

    The user's list is made again without each item of the history in turn: what the score loses is
    that item's share. Only items that the model reads, the last `MAX_ITEM_LIST_LENGTH`, have one.

    Args:
        loaded: The model and its data.
        user: The user's token.
        k: Items of the list.
        because: Items of the history for each of them.

    Returns:
        Rows of rank, item, score, because of (an item of the history), and share (what the score
        loses without it), the largest first; shares of 0 and less are left out. An item that no
        item of the history raises has one row, with an empty because of and the share NaN.

    Raises:
        InputError: if there is no such user, or the history has a single item.

    Example:
        >>> explained = explain(loaded, "u0", k=3)
        >>> list(explained.columns), int(explained["rank"].max())
        (['rank', 'item', 'score', 'because of', 'share'], 3)
    """
    k, because = list_length(k), list_length(because, "because")
    asked = users_of(loaded, [user])
    end, length = int(asked.queries.ends), int(asked.queries.lengths)
    history = asked.queries.prefixes.sources[asked.queries.item_list][end - length : end]
    if len(history) < 2:
        raise InputError(
            f"user is {user!r}, whose history has {len(history)} items; there must be two to leave "
            f"one out"
        )
    (recommended,) = frames(Plan(loaded, asked, k, exclusions(loaded, asked, "history")))
    lost = _lost(loaded, asked.queries)
    rows = []
    for rank, token, score in recommended[["rank", "item", "score"]].itertuples(index=False):
        share, place = lost[:, item_id(loaded, token)].sort(descending=True, stable=True)
        tokens = loaded.item_tokens[history[place].numpy()]
        shares = list(zip(tokens, share.tolist(), strict=True))[:because]
        reasons = [one for one in shares if one[1] > 0] or [_NO_REASON]
        rows += [(rank, token, score, *one) for one in reasons]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def explanation_page(loaded: Loaded, user: str, explained: pd.DataFrame) -> str:
    """The same as a page that needs no network: a line for each recommended item.

    Args:
        loaded: The model and its data.
        user: The user's token.
        explained: What `explain` returned.

    Example:
        >>> page = explanation_page(loaded, "u0", explain(loaded, "u0"))
        >>> "Model SASRec" in page, page.count("<tr>")
        (True, 6)
    """
    lines = []
    for (rank, item, score), part in explained.groupby(["rank", "item", "score"], sort=False):
        given = part[part["share"].notna()]
        reasons = [
            f"{one} ({significant(share)})"
            for one, share in zip(given["because of"], given["share"])
        ]
        text = ", ".join(reasons) or "no item raises the score"
        lines.append([str(rank), str(item), f"{score:.4g}", text])
    notes = [
        f"Model {loaded.config['model']} of {loaded.name}, data set {loaded.config['dataset']}.",
        "In brackets: what the item's score loses when the history is scored without that item.",
    ]
    inner = table("explanation", ("rank", "item", "score", "because of"), lines)
    return document(f"Recommended to {user}", notes, inner, figures=False)


def _lost(loaded: Loaded, asked: Queries) -> Tensor:
    """What scores lose without each item of the history of one query: [history, num_items]."""
    places = torch.arange(int(asked.ends - asked.lengths), int(asked.ends))  # [history]
    without = [places, *(torch.cat([places[:i], places[i + 1 :]]) for i in range(len(places)))]
    sizes, at = torch.tensor([len(one) for one in without]), torch.cat(without)
    sources, kinds = asked.prefixes.sources, KIND_FIELD + loaded.config["LIST_SUFFIX"]
    more = {kinds: sources[kinds][at]} if kinds in sources else {}
    users = torch.full_like(sizes, int(asked.users))
    queries = queries_of_items(loaded.dataset, users, sizes, sources[asked.item_list][at], more)
    catalogue = Catalogue.of(loaded, queries)
    parts = torch.arange(len(queries)).split(catalogue.rows)
    scores = torch.cat([catalogue.scores(queries, part).cpu() for part in parts])
    return scores[0] - scores[1:]
