"""Trials as tables: while they run, ranked at the end, and as CSV."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from pandas import DataFrame

from recbole_fn.results.text_table import text_table
from recbole_fn.tune.records import STATUSES, Record, ranked

_ROWS = 15  # of the table while trials run


def live_table(trials: Sequence[Record], total: int, metric: str, bigger: bool) -> str:
    """What a search is at: how many trials there are, those that run, and the best ones.

    Args:
        trials: The trials so far.
        total: How many there will be.
        metric: What scores are.
        bigger: Whether bigger scores are better.

    Examples:
        >>> trials = [Record(0, {"m": 5}, epochs=[{"epoch": 0, "score": 0.2}], status="running")]
        >>> print(live_table(trials, 20, "ndcg@10", bigger=True))
        trial ...
        1 of 20 trials: 1 running
    """
    counts = {status: sum(trial.status == status for trial in trials) for status in STATUSES}
    line = ", ".join(f"{number} {status}" for status, number in counts.items() if number)
    running = [trial for trial in trials if trial.status == "running"]
    others = [trial for trial in ranked(list(trials), bigger) if trial.status != "running"]
    shown = [*running, *others[: max(_ROWS - len(running), 1)]]
    total = max(total, len(trials))  # a resumed search may have fewer
    return f"{_table(shown, metric, bigger)}\n{len(trials)} of {total} trials: {line or 'none'}"


def ranked_table(trials: Sequence[Record], metric: str, bigger: bool) -> str:
    """All trials, the best first, those without a score last.

    Examples:
        >>> trials = [Record(n, epochs=[{"epoch": 0, "score": n / 10}]) for n in (1, 2)]
        >>> print(ranked_table(trials, "ndcg@10", bigger=True))
        trial ... 0.2000 ... 0.1000
    """
    return _table(in_order(trials, bigger), metric, bigger)


def in_order(trials: Sequence[Record], bigger: bool) -> list[Record]:
    """All trials, the best first, those that failed or have no score last.

    Examples:
        >>> trials = [Record(0, status="failed"), Record(1, epochs=[{"score": 0.2}])]
        >>> [trial.number for trial in in_order(trials, bigger=True)]
        [1, 0]
    """
    first = ranked(list(trials), bigger)
    places = {trial.number for trial in first}
    return [*first, *(trial for trial in trials if trial.number not in places)]


def columns(names: Iterable[str], taken: Collection[str]) -> dict[str, str]:
    """The name of the column of each key of a space, which other columns do not have.

    Args:
        names: The keys.
        taken: Names of the other columns.

    Examples:
        >>> columns(["epochs", "m"], ["trial", "epochs"])
        {'epochs': 'epochs of the space', 'm': 'm'}
    """
    return {name: f"{name} of the space" if name in taken else name for name in names}


def as_csv(trials: Sequence[Record], metric: str, bigger: bool) -> str:
    """A line for each trial, numbers in full; empty where there is none.

    Args:
        trials: The trials.
        metric: What scores are.
        bigger: Whether bigger scores are better.

    Examples:
        >>> print(as_csv([Record(0, {"m": 5})], "ndcg@10", bigger=True))
        rank,trial,status,epochs,best_epoch,valid_ndcg@10,seconds,m,reason
        ,0,pending,0,,,0.0,5,
    """
    rows = []
    for place, trial in enumerate(in_order(trials, bigger), 1):
        best = trial.best(bigger)
        has_rank = best is not None and trial.status != "failed"
        row: dict[str, Any] = {"rank": place if has_rank else None, "trial": trial.number}
        row |= {"status": trial.status, "epochs": trial.trained}
        row |= {"best_epoch": best and best["epoch"], f"valid_{metric}": best and best["score"]}
        row |= {f"valid_{name}": value for name, value in (best["result"] if best else {}).items()}
        row["seconds"] = trial.seconds
        named = columns(trial.keys, [*row, "reason"])
        keys = {named[name]: value for name, value in trial.keys.items()}
        rows.append({**row, **keys, "reason": trial.reason})
    text: str = DataFrame(rows, dtype=object).to_csv(index=False)
    return text


def cell(value: Any) -> str:
    """A value of a key, short enough for a table.

    Examples:
        >>> cell(0.00123456), cell("full")
        ('0.001235', 'full')
    """
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _table(trials: Sequence[Record], metric: str, bigger: bool) -> str:
    names = list(dict.fromkeys(name for trial in trials for name in trial.keys))
    rows = []
    for trial in trials:
        best = trial.best(bigger)
        epoch, score = (str(best["epoch"]), f"{best['score']:.4f}") if best else ("-", "-")
        row = {"trial": str(trial.number), "status": trial.status, "epochs": str(trial.trained)}
        row |= {"best epoch": epoch, f"best valid {metric}": score}
        named = columns(names, row)
        rows.append(row | {named[name]: cell(trial.keys.get(name, "")) for name in names})
    return text_table(rows, "trial") if rows else "no trial yet"
