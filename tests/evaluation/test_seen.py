"""Rankings without what a user has had, where a split holds several targets of a user."""

import random

import pytest

from recbole_fn.data.loaders import dataset_of
from tests.helpers.runs import pieces

TIMES = "user_id:token\titem_id:token\ttimestamp:float\n"


def written(folder):
    """Twenty interactions of each user, who begin at different times; the items by user."""
    chance, had = random.Random(1), {}
    (folder / "late").mkdir()
    lines = []
    for user in range(30):
        begin = chance.randrange(60)
        for n in range(20):
            item = f"i{chance.randrange(60)}"
            had.setdefault(f"u{user}", []).append(item)
            lines.append(f"u{user}\t{item}\t{begin + 3 * n}")
    (folder / "late" / "late.inter").write_text(TIMES + "\n".join(lines) + "\n")
    return had


@pytest.mark.parametrize("also", [None, ["full"]])
@pytest.mark.parametrize("by", ["user", "none"])
def test_all_earlier_items_are_left_out_whatever_the_split(by, also, tmp_path):
    had = written(tmp_path)
    split = {"split": {"RS": [0.4, 0.3, 0.3]}, "order": "TO", "group_by": by, "mode": "full"}
    keys = {"eval_args": split, "fn_eval_exclude": "history", "MAX_ITEM_LIST_LENGTH": 20}
    run = pieces(dataset="late", data_path=str(tmp_path), fn_eval_also=also, **keys)
    seen = 0
    for data in (run.valid_data, run.test_data):
        names = dataset_of(data).field2id_token
        for rows, excluded, _, targets in data:
            users = rows["user_id"]
            if also is not None:
                excluded = data.rankings.main.excluded(rows, targets)
            pairs = set(zip(*(part.tolist() for part in excluded), strict=True))
            for row, (user, target) in enumerate(zip(users, targets, strict=True)):
                place = int(rows["item_length"][row])
                earlier = had[names["user_id"][user]][:place]
                found = {names["item_id"][item] for one, item in pairs if one == row}
                # What a user had in earlier splits includes none of later times.
                assert found == {*earlier} - {names["item_id"][target]}
                seen += 1
    assert seen > 100
