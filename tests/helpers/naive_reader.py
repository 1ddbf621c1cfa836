"""Reads a data set as its files say: plain csv and lists, nothing of RecBole or this package."""

import csv
import math
from decimal import Decimal, InvalidOperation
from itertools import pairwise

# What pandas reads as missing; an empty text is looked at apart.
MISSING = {
    *("#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN"),
    *("<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
}


class Refused(Exception):  # noqa: N818  # a finding, not a fault
    """The files cannot be used as the keys ask."""


def splits(folder, keys):
    """Training, validation and test: for each row user, history and target, as they are written.

    Raises:
        Refused: where a run has to stop with one line.
    """
    if keys["eval_args"]["order"] != "TO":
        raise Refused("order")
    parts = keys.get("benchmark_filename")
    names = [f"own.{part}.inter" for part in parts] if parts else ["own.inter"]
    tables = [table(folder / name, keys) for name in names]
    for rows in tables:
        require_usable(rows, keys)
    for key in ("normalize_field", "val_interval"):
        if not set(keys.get(key) or ()) <= tables[0][0].keys():
            raise Refused("a column that is not there")
    features = folder / "own.item"
    known = item_ids(table(features, keys)) if features.exists() else None
    if not parts:
        return split(kept(tables[0], keys, known), keys)
    return listed(tables, keys) if "item_id_list" in tables[0][0] else chained(tables, keys)


def table(path, keys):
    """The rows of a file: a cell for each column, and the number of the row."""
    with path.open(encoding=keys.get("encoding") or "utf-8", newline="") as file:
        cells = list(csv.reader(file, delimiter=keys.get("field_separator", "\t")))
    if cells[0][0].startswith("\ufeff"):
        raise Refused("byte-order mark")
    names = [cell.split(":")[0] for cell in cells[0]]
    rows = [cell for cell in cells[1:] if "".join(cell).strip(" ") or len(cell) > 1]
    filled = [row + [""] * (len(names) - len(row)) for row in rows]
    return [{**dict(zip(names, row)), "line": n} for n, row in enumerate(filled)]


def require_usable(rows, keys):
    empty = [name for name in ("user_id", "item_id") if any(row[name] == "" for row in rows)]
    if len(empty) == 2 or (empty and keys.get("benchmark_filename")):
        raise Refused("empty ids")
    for row in rows:
        if {row["user_id"], row["item_id"]} & MISSING:
            raise Refused("an id that is read as missing")
        if "timestamp" in row:
            row["time"] = number(row["timestamp"])
        if keys.get("benchmark_filename") and "item_id_list" in row:
            row["list"] = list_of(row["item_id_list"], keys)


def number(text):
    try:
        value = Decimal(text.strip())
    except InvalidOperation as error:
        raise Refused("no number") from error
    if not value.is_finite():
        raise Refused("no finite number")
    return value


def list_of(text, keys):
    items = [one for one in text.split(" ") if one]
    cut = (keys.get("seq_len") or {}).get("item_id_list")
    if not items or text in MISSING or "item_id_list" not in (keys.get("alias_of_item_id") or ()):
        raise Refused("no list")
    items = items[:cut]
    if len(items) > keys["MAX_ITEM_LIST_LENGTH"]:
        raise Refused("a list that is too long")
    return tuple(items)


def item_ids(rows):
    ids = {row["item_id"] for row in rows}
    if ids & MISSING:
        raise Refused("an id that is read as missing")
    return ids - {""}


def kept(rows, keys, known):
    """The rows that pass the filters, in the order in which users are numbered."""
    rows = [row for row in rows if row["user_id"] != "" and row["item_id"] != ""]
    if keys.get("rm_dup_inter"):
        rows = without_repeated(rows, keys["rm_dup_inter"])
    for column, interval in (keys.get("val_interval") or {}).items():
        rows = [row for row in rows if passes(row[column], interval)]
    if known is not None:
        rows = [row for row in rows if row["item_id"] in known]
    return core(rows, keys)


def without_repeated(rows, keep):
    rows = sorted(rows, key=lambda row: (row["time"], row["line"]))
    chosen = {}
    for row in rows:
        pair = row["user_id"], row["item_id"]
        if keep == "last" or pair not in chosen:
            chosen[pair] = row["line"]
    return [row for row in rows if row["line"] in chosen.values()]


def passes(text, interval):
    if isinstance(interval, list):
        return text in interval
    low, high = interval[1:-1].split(",")
    if text == "" or text in MISSING:
        return False
    value = Decimal(text.strip())
    for end in (low, high):
        if float(value) == float(end) and value != Decimal(end):
            raise Refused("an interval that ends within the resolution of a float64")
    above = value >= Decimal(low) if interval[0] == "[" else value > Decimal(low)
    return above and (value <= Decimal(high) if interval[-1] == "]" else value < Decimal(high))


def core(rows, keys):
    """What is left once no user and no item has too few interactions or too many."""
    while True:
        left = rows
        for column in ("user_id", "item_id"):
            interval = keys.get(f"{column[:4]}_inter_num_interval") or "[0,inf)"
            counts = [row[column] for row in rows]
            good = {one for one in counts if passes(str(counts.count(one)), interval)}
            left = [row for row in left if row[column] in good]
        if len(left) == len(rows):
            return rows
        rows = left


def histories(rows, keys):
    """Each row with a history, users in the order in which they are numbered."""
    of_users = {}
    for row in rows:
        of_users.setdefault(row["user_id"], []).append(row)
    for number_of_user, (user, events) in enumerate(of_users.items()):
        events.sort(key=lambda row: (row["time"], row["line"]))
        items = [row["item_id"] for row in events]
        for at in range(1, len(items)):
            history = tuple(items[max(0, at - keys["MAX_ITEM_LIST_LENGTH"]) : at])
            yield events[at]["time"], number_of_user, (user, history, items[at])


def split(rows, keys):
    made = list(histories(rows, keys))
    made.sort(key=lambda row: row[:2])  # equal times: by user
    (kind, how), group = next(iter(keys["eval_args"]["split"].items())), "user"
    if kind == "TS":
        return by_time(made, how)
    if kind == "RS" and keys["eval_args"].get("group_by") is None:
        group = None
    groups = {}
    for row in made:
        groups.setdefault(row[1] if group else 0, []).append(row[2])
    parts = [], [], []
    for of_group in groups.values():
        sizes = left_out(of_group, how) if kind == "LS" else shares(len(of_group), how)
        ends = [0, sizes[0], sizes[0] + sizes[1], len(of_group)]
        for part, (begin, end) in zip(parts, pairwise(ends)):
            part.extend(of_group[begin:end])
    return parts


def left_out(rows, how):
    wanted = {"valid_and_test": (1, 1), "valid_only": (1, 0), "test_only": (0, 1)}[how]
    valid, test = wanted if len(rows) > sum(wanted) else (0, min(1, len(rows) - 1))
    if how == "valid_only" and test:
        valid, test = 1, 0
    return len(rows) - valid - test, valid, test


def shares(total, ratios):
    """Sizes of the parts: all but the first rounded down, but not to 0 while the first has two."""
    whole = [ratio / sum(ratios) for ratio in ratios]
    sizes = [int(ratio * total) for ratio in whole]
    sizes[0] = total - sizes[1] - sizes[2]
    for part in (2, 1):
        if sizes[0] > 1 and 0 < whole[part] * total < 1:
            sizes[part], sizes[0] = sizes[part] + 1, sizes[0] - 1
        elif sizes[0] <= 1:
            break
    return sizes


def by_time(made, ratios):
    """Test is what comes after a quantile of all times; each user's rows before it are split."""
    train, _, test = (ratio / sum(ratios) for ratio in ratios)
    if not made:
        return [], [], []
    border = made[math.floor((len(made) - 1) * (100 * (1 - test)) / 100)][0]
    parts, of_users = ([], [], [row for time, _, row in made if time > border]), {}
    for time, user, row in made:
        if time <= border:
            of_users.setdefault(user, []).append(row)
    for rows in of_users.values():
        cut = int(len(rows) * (train / (1 - test)))
        parts[0].extend(rows[:cut])
        parts[1].extend(rows[cut:])
    return parts


def listed(tables, keys):
    """Files whose rows have histories of their own."""
    return [[(row["user_id"], row["list"], row["item_id"]) for row in rows] for rows in tables]


def chained(tables, keys):
    """Files of plain interactions: a history is what the user had before, in earlier files too."""
    had, parts = {}, []
    for rows in tables:
        parts.append([])
        for row in sorted(rows, key=lambda row: (row.get("time", 0), row["line"])):
            history = had.setdefault(row["user_id"], [])
            if history:
                cut = tuple(history[-keys["MAX_ITEM_LIST_LENGTH"] :])
                parts[-1].append((row["user_id"], cut, row["item_id"]))
            history.append(row["item_id"])
    return parts
