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


def pre_split(folder, width=None):
    """The same in three files, each user's rows in turn; with lists of `width` items if given."""
    by_user = {}
    for line in (folder / "late" / "late.inter").read_text().splitlines()[1:]:
        by_user.setdefault(line.split("\t")[0], []).append(line)
    for part, places in (("train", range(9)), ("valid", range(9, 15)), ("test", range(15, 20))):
        rows = []
        for lines in by_user.values():
            for n in places if width is None else set(places) - {0}:
                items = [line.split("\t")[1] for line in lines[max(0, n - (width or 0)) : n]]
                rows.append(lines[n] + ("" if width is None else "\t" + " ".join(items)))
        head = TIMES.strip() + ("" if width is None else "\titem_id_list:token_seq")
        (folder / "late" / f"late.{part}.inter").write_text("\n".join([head, *rows]) + "\n")
    lists = {} if width is None else {"alias_of_item_id": ["item_id_list"]}
    return {"benchmark_filename": ["train", "valid", "test"], "MAX_ITEM_LIST_LENGTH": 3, **lists}


def found_and_all(run, data, had, folder):
    """For each row the items left out, all that the user had before without the target, and more.

    That is the row's list, and what the user had before the first row of validation or test.
    """
    lines = (folder / "late" / "late.inter").read_text().splitlines()[1:]
    times = [line.split("\t") for line in lines]
    begins = {user: float(time) for user, _, time in reversed(times)}
    names, rows_of = dataset_of(data).field2id_token, {}
    for rows, excluded, _, targets in data:
        pairs = set(zip(*(part.tolist() for part in excluded), strict=True))
        for row, user in enumerate(names["user_id"][rows["user_id"]]):
            place = round((float(rows["timestamp"][row]) - begins[user]) / 3)
            target = names["item_id"][targets[row]]
            assert had[user][place] == target
            found = {names["item_id"][item] for one, item in pairs if one == row}
            rows_of.setdefault(user, []).append((place, target, found))
    for user, of_user in rows_of.items():
        first = min(place for place, *_ in of_user)
        for place, target, found in of_user:
            listed = {*had[user][:first], *had[user][max(0, place - 3) : place]}
            yield found, {*had[user][:place]} - {target}, listed - {target}


RATIO, LEAVE = {"RS": [0.4, 0.3, 0.3]}, {"LS": "valid_and_test"}


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize(
    ("split", "by"), [(RATIO, "user"), (RATIO, "none"), (LEAVE, "user"), (RATIO, "parts")]
)
def test_items_that_have_left_the_lists_are_left_out_too(split, by, enabled, tmp_path):
    had = written(tmp_path)
    keys = {"fn_eval_exclude": "history", "MAX_ITEM_LIST_LENGTH": 3, "fn_enabled": enabled}
    keys["eval_args"] = {"split": split, "order": "TO", "group_by": by, "mode": "full"}
    if by == "parts":
        keys |= {**pre_split(tmp_path), "eval_args": {"order": "TO", "mode": "full"}}
    run = pieces(dataset="late", data_path=str(tmp_path), train_neg_sample_args=None, **keys)
    forgotten = 0
    for data in (run.valid_data, run.test_data):
        for found, before, listed in found_and_all(run, data, had, tmp_path):
            assert found == before
            forgotten += listed != before
    assert forgotten == 0 if split == LEAVE else forgotten > 40


def test_lists_of_files_say_what_was_had_before_their_rows(tmp_path):
    had = written(tmp_path)
    keys = {"fn_eval_exclude": "history", **pre_split(tmp_path, width=3)}
    run = pieces(dataset="late", data_path=str(tmp_path), **keys)
    rows = 0
    for data in (run.valid_data, run.test_data):
        for found, _, listed in found_and_all(run, data, had, tmp_path):
            assert found == listed
            rows += 1
    assert rows == 30 * 11
