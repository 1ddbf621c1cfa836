"""Times how long RecBole and ours train until RecBole's own best validation score is reached.

RecBole trains first, with its defaults and its early stopping; its best score is our aim. The
benchmark's option `--to-quality` starts a process for each side (`quality_side`).
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from tempfile import TemporaryDirectory
from typing import Any

from tqdm import tqdm

from recbole_fn.benchmark import quality_side
from recbole_fn.benchmark.quality_side import reaches
from recbole_fn.benchmark.race import Race, Validation
from recbole_fn.results.text_table import text_table
from recbole_fn.utils.digits import significant
from recbole_fn.utils.errors import InputError

_NAMES = {"recbole": "RecBole", "ours": "ours"}


@dataclass(frozen=True)
class Training:
    """The training of one side.

    Attributes:
        side: `recbole` or `ours`.
        loading: Seconds to load the data and build the model.
        is_bigger_better: Whether a bigger score is better.
        ranking: What its validation ranks.
        validations: Its validations in order.

    Example:
        >>> curve = [Validation("ours", 1, 0.1, 2.0, 1.9), Validation("ours", 2, 0.1, 4.0, 3.9)]
        >>> Training("ours", 0.5, True, {}, curve).best.epoch
        1
    """

    side: str
    loading: float
    is_bigger_better: bool
    ranking: Mapping[str, Any]
    validations: list[Validation]

    @property
    def best(self) -> Validation:
        """The first of its best validations."""
        sign = 1 if self.is_bigger_better else -1
        return max(self.validations, key=lambda validation: sign * validation.score)


def race_to_quality(race: Race) -> tuple[Training, Training]:
    """Trains RecBole to its end, then ours until its score is RecBole's best.

    Args:
        race: What is trained.

    Returns:
        RecBole's training and ours; the latter's best score is the worse one if it never came.

    Raises:
        InputError: for a mistake in files or data, and if the validations rank differently.

    Example:
        >>> race = Race("SASRec", "tiny", None, ("fn.yaml",), epochs=2)
        >>> [training.side for training in race_to_quality(race)]
        ['recbole', 'ours']
    """
    theirs = train_apart("recbole", race, None)
    ours = train_apart("ours", race, theirs.best.score, theirs.ranking)
    return theirs, ours


def train_apart(
    side: str, race: Race, aim: float | None, ranking: Mapping[str, Any] | None = None
) -> Training:
    """Trains one side in a process of its own, and shows its progress.

    Args:
        side: `recbole` or `ours`.
        race: What is trained.
        aim: The score that ends the training, or None.
        ranking: What its validation must rank; None for anything.

    Example:
        >>> race = Race("SASRec", "tiny", None, ("fn.yaml",), epochs=2)
        >>> train_apart("ours", race, aim=0.0).best.epoch  # the first score will do
        1
    """
    bar = tqdm(total=race.epochs, desc=_NAMES[side], unit="epoch", disable=None, dynamic_ncols=True)
    with TemporaryDirectory() as folder, bar:
        command = [sys.executable, "-m", quality_side.__name__]
        arguments = [side, json.dumps(asdict(race)), json.dumps(aim), folder]
        lines = _lines([*command, *arguments])
        first = next(lines)
        require_same(first["ranking"], ranking or first["ranking"])
        validations = []
        for line in lines:
            validations.append(Validation(**line))
            bar.n = validations[-1].epoch
            bar.set_postfix(score=f"{validations[-1].score:.4f}")
    return Training(side, validations=validations, **first)


def require_same(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
    """Refuses to compare scores of different rankings.

    Raises:
        InputError: naming what differs.

    Example:
        >>> require_same({"ranking": "uni100"}, {"ranking": "full"})
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: the validation's ranking is 'uni100' here and 'full' ...
    """
    for name, value in theirs.items():
        if ours[name] != value:
            raise InputError(
                f"the validation's {name} is {ours[name]!r} here and {value!r} in RecBole; "
                f"--config_files must leave it as it is"
            )


def table(theirs: Training, ours: Training) -> str:
    """Formats both trainings as a table, and says so if the score was never reached.

    Args:
        theirs: RecBole's training.
        ours: Our training.

    Example:
        >>> slow, fast = Validation("recbole", 9, 0.1, 90.0, 80.0), Validation("ours", 3, 0.2, 3, 2)
        >>> text = table(*(Training(one.side, 1.0, True, {}, [one]) for one in (slow, fast)))
        >>> text.splitlines()[-1].split()
        ['RecBole', '/', 'ours', '30', '40']
    """
    slow, fast = theirs.best, ours.best
    rows = [_cells("RecBole's best", slow, theirs), _cells("ours", fast, ours)]
    if not reaches(fast.score, slow.score, theirs.is_bigger_better):
        text = text_table(rows, "side")
        return f"{text}\nours never reached RecBole's score in {ours.validations[-1].epoch} epochs"
    ratios = {
        "seconds": significant(slow.seconds / fast.seconds),
        "CPU seconds": significant(slow.cpu_seconds / fast.cpu_seconds),
    }
    return text_table(
        [*rows, {**dict.fromkeys(rows[0], ""), "side": "RecBole / ours", **ratios}], "side"
    )


def _cells(name: str, validation: Validation, training: Training) -> dict[str, str]:
    return {
        "side": name,
        str(training.ranking.get("valid_metric", "score")): f"{validation.score:.4f}",
        "epoch": f"{validation.epoch}",
        "seconds": significant(validation.seconds),
        "CPU seconds": significant(validation.cpu_seconds),
        "loading (s)": significant(training.loading),
    }


def _lines(command: list[str]) -> Iterator[dict[str, Any]]:
    """What a process of `quality_side` prints, line by line."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            for text in process.stdout:
                line = json.loads(text)
                if "error" in line:
                    raise InputError(line["error"])
                yield line
            process.wait()
        finally:
            process.kill()  # does nothing once it has ended
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
