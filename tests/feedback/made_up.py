"""Random logs with ratings, as files that RecBole reads, and naive views of what it made."""

import random

from hypothesis import strategies as st

from recbole_fn.data.loaders import dataset_of
from tests.helpers.runs import pieces

KINDS = {"1": "negative", "2": "negative", "3": "neutral", "4": "positive", "5": "positive"}
KEYS = {
    "fn_feedback_field": "rating",
    "fn_feedback_negative": "<= 2",
    "fn_feedback_neutral": "== 3",
    "MAX_ITEM_LIST_LENGTH": 6,
}


def lines(seed, users=12, items=15):
    """Lines (user, item, rating, time): ties, missing ratings, and items that come again."""
    chance = random.Random(seed)
    made = [
        (f"u{user}", f"i{chance.randrange(items)}", chance.choice(["1", "2", "3", "4", "5", ""]), n)
        for user in range(users)
        for n in sorted(chance.randrange(40) for _ in range(chance.choice([1, 2, 4, 9, 14])))
    ]
    made += [("only-negative", f"i{n}", "1", n) for n in range(5)]
    chance.shuffle(made)
    return made


def write(folder, rated):
    """Writes the lines as the data set `rated`."""
    (folder / "rated").mkdir(exist_ok=True)
    rows = ["user_id:token\titem_id:token\trating:float\ttimestamp:float"]
    rows += ["\t".join(map(str, line)) for line in rated]
    (folder / "rated" / "rated.inter").write_text("\n".join(rows) + "\n")


def log_of(rated):
    """The lines as (user, item, kind, time)."""
    return [(user, item, KINDS.get(rating, "neutral"), time) for user, item, rating, time in rated]


def built(folder, model="SASRec", **keys):
    """A run on the data set that `write` wrote."""
    return pieces(model, "rated", data_path=str(folder), **{**KEYS, **keys})


def rows_of(loader):
    """The rows of a loader's data set: a set of (user, history, target) in tokens."""
    dataset = dataset_of(loader)
    rows = dataset[:]
    user_tokens, tokens = (
        dataset.field2id_token[f] for f in (dataset.uid_field, dataset.iid_field)
    )
    users = user_tokens[rows[dataset.uid_field].numpy()]
    targets = tokens[rows[dataset.iid_field].numpy()]
    histories = [
        tuple(tokens[item] for item in items[:length])
        for items, length in zip(
            rows[dataset.item_id_list_field], rows[dataset.item_list_length_field], strict=True
        )
    ]
    return sorted(zip(users.tolist(), histories, targets.tolist(), strict=True))


def events():
    """A strategy of logs: users' lists of (item, kind), of few items, so that they come again."""
    event = st.tuples(st.integers(1, 6), st.sampled_from(["positive", "neutral", "negative"]))
    return st.lists(st.lists(event, min_size=1, max_size=12), min_size=1, max_size=4)
