"""Times and sizes full ranking of a large made-up catalogue: RecBole's evaluation and ours.

Each side runs in processes of its own, in turn, as memory that was needed once counts for ever.
The benchmark's option `--ranking` starts the processes, which run this module.
"""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from tqdm import tqdm

from recbole_fn.benchmark.comparison import SECONDS, Comparison, of_pairs
from recbole_fn.benchmark.peak_memory import with_peak
from recbole_fn.benchmark.setup import CE, ON, configuration
from recbole_fn.data.loaders import dataset_of
from recbole_fn.environment.warning_filters import silence_known_warnings
from recbole_fn.experiment.build import build_experiment
from recbole_fn.training.trainer import FNTrainer
from recbole_fn.utils.errors import InputError

SIDES: dict[str, dict[str, Any]] = {"ours": {**ON, "loss_type": "CE"}, "recbole": CE}
GIB = "GiB more"
_DIGITS = 3  # of the metrics of both sides, whose scores differ by rounding


@dataclass(frozen=True)
class Ranked:
    """The validation of one side.

    Attributes:
        seconds: CPU time, for 1000 users.
        gib: Peak of the process's resident memory beyond that before the validation, in GiB.
        metrics: RecBole's metrics.

    Example:
        >>> Ranked(1.2, 0.1, {"ndcg@10": 0.2}).gib
        0.1
    """

    seconds: float
    gib: float
    metrics: dict[str, float]


def compare_ranking(model: str, num_users: int, num_items: int, repeats: int) -> list[Comparison]:
    """Compares the validation of a model whose weights are drawn and not trained.

    Args:
        model: Name of the model.
        num_users: Users of the data set.
        num_items: Its items.
        repeats: Measured runs of each side.

    Raises:
        InputError: if the metrics differ.

    Example:
        >>> rows = compare_ranking("SASRec", num_users=200, num_items=2000, repeats=1)
        >>> len(rows) > 0 and all(row.ratio > 0 for row in rows)
        True
    """
    with TemporaryDirectory() as folder:
        write_items(Path(folder), num_users, num_items)
        turns = tqdm(range(repeats), desc="ranking", disable=None, dynamic_ncols=True)
        pairs = [[_apart(side, model, folder) for side in SIDES] for _ in turns]
    for ours, theirs in pairs:
        require_equal(ours.metrics, theirs.metrics)
    seconds = [(ours.seconds, theirs.seconds) for ours, theirs in pairs]
    peaks = [(ours.gib, theirs.gib) for ours, theirs in pairs]
    return [
        of_pairs("validation, all items: RecBole", SECONDS, seconds),
        of_pairs("its memory: RecBole", GIB, peaks),
    ]


def write_items(folder: Path, num_users: int, num_items: int) -> None:
    """Writes the data set `made`, in which each item occurs, and most of them once.

    Args:
        folder: An existing folder.
        num_users: Number of users.
        num_items: Number of items.

    Example:
        >>> with TemporaryDirectory() as folder:
        ...     write_items(Path(folder), num_users=2, num_items=9)
        ...     len((Path(folder) / "made" / "made.inter").read_text().splitlines())
        11
    """
    each = max(-(-num_items // num_users), 4)  # three are left out for validation and test
    (folder / "made").mkdir()
    with (folder / "made" / "made.inter").open("w", encoding="utf-8") as file:
        file.write("user_id:token\titem_id:token\ttimestamp:float\n")
        for place in range(each * num_users):
            user, time = divmod(place, each)
            file.write(f"{user}\t{place % num_items}\t{time}\n")


def validate(side: str, model: str, folder: str) -> Ranked:
    """Validates in this process.

    Args:
        side: One of `SIDES`.
        model: Name of the model.
        folder: Folder with the data set's folder.

    Example:
        `compare_ranking` calls it in a process of its own:

        >>> write_items(Path("."), num_users=9, num_items=30)
        >>> sorted(validate("ours", "SASRec", ".").metrics)[:3]
        ['hit@10', 'mrr@10', 'ndcg@10']
    """
    config = configuration(model, "made", folder, **SIDES[side])
    run = build_experiment(config)
    run.trainer.eval_collector.data_collect(run.train_data)
    if isinstance(run.trainer, FNTrainer):
        run.trainer.fn_prepare(run.train_data)  # validation is that of a run which trains
    begin = process_time()
    metrics, more = with_peak(lambda: run.trainer.evaluate(run.valid_data, load_best_model=False))
    seconds = process_time() - begin
    thousands = len(dataset_of(run.valid_data)) / 1000
    return Ranked(seconds / thousands, more / 2**30, dict(metrics))


def require_equal(ours: dict[str, float], theirs: dict[str, float]) -> None:
    """Refuses to compare what does not measure the same.

    Raises:
        InputError: naming a metric that differs.

    Example:
        >>> require_equal({"ndcg@10": 0.2}, {"ndcg@10": 0.3})
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: ndcg@10 is 0.2 here and 0.3 in RecBole; ...
    """
    for name, value in theirs.items():
        if abs(ours[name] - value) > 10**-_DIGITS:
            raise InputError(
                f"{name} is {ours[name]} here and {value} in RecBole; both must be the same"
            )


def _apart(side: str, model: str, folder: str) -> Ranked:
    command = [sys.executable, "-m", __name__, side, model, folder]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return Ranked(**json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    silence_known_warnings()
    arguments = sys.argv[1:]
    del sys.argv[1:]  # RecBole reads them too
    print(json.dumps(asdict(validate(*arguments))))
