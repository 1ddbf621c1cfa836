"""Naive versions: each row, real negative and metric by a loop over a user's interactions."""

KINDS = {"positive": 1, "neutral": 0, "negative": -1}


def interactions_by_user(log):
    """A log of (user, item, kind, time) lines as each user's (item, kind), in time order."""
    users = {}
    for user, item, kind, _ in sorted(log, key=lambda line: line[3]):  # stable: ties by line
        users.setdefault(user, []).append((item, kind))
    return users


def rows_of_user(events, inputs, longest):
    """The positive rows of a user: (history, target, place of the target)."""
    rows = []
    for place, (item, kind) in enumerate(events):
        earlier_positives = [i for i, k in events[:place] if k == "positive"]
        if kind != "positive" or not earlier_positives:
            continue
        history = [i for i, k in events[:place] if inputs == "all" or k == "positive"]
        rows.append((history[-longest:], item, place))
    return rows


def leave_one_out(rows):
    """A user's rows in training, validation and test, as RecBole splits them."""
    held_out = min(2, max(len(rows) - 1, 0))
    train = rows[: len(rows) - held_out]
    parts = rows[len(rows) - held_out :]
    return train, parts[:-1], parts[-1:]


def training_rows(events, targets, inputs, longest):
    """The training rows of a user with every setting."""
    train = leave_one_out(rows_of_user(events, inputs, longest))[0]
    if targets != "ignore" or not train:
        return train
    rows = []
    for place in range(train[-1][2] + 1):
        history = [i for i, k in events[:place] if inputs == "all" or k == "positive"]
        if history:
            rows.append((history[-longest:], events[place][0], place))
    return rows


def real_negatives(events, train, place, most):
    """The real negatives of the row whose target lies at `place`, the nearest first."""
    last = max(row[2] for row in train)
    known = events[: last + 1]
    positives = {item for item, kind in known if kind == "positive"}
    before = max(p for p in range(place) if events[p][1] == "positive")
    candidates = [
        (not before < p < place, abs(p - place), p, item)
        for p, (item, kind) in enumerate(known)
        if kind == "negative" and item not in positives
    ]
    nearest = [item for *_, item in sorted(candidates)[:most]]
    return list(dict.fromkeys(nearest))
