"""What a search leaves: tables, the best keys and checkpoint, the test of the best, a picture."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recbole_fn.experiment.build import build_experiment
from recbole_fn.results.summary import results_table
from recbole_fn.tune import records, tables
from recbole_fn.tune.figures import page
from recbole_fn.tune.records import Record
from recbole_fn.tune.search import Search, as_yaml
from recbole_fn.tune.storage import Storage
from recbole_fn.tune.trial import BEST
from recbole_fn.utils.files import replaced
from recbole_fn.utils.recbole_types import Config


@dataclass(frozen=True)
class SearchResult:
    """The outcome of a search.

    Attributes:
        place: Where all files are.
        trials: The trials, the best first, those that failed or have no score last.
        best_keys: All keys of the best trial, as `best.yaml` has them; None without any score.
        best_valid_result: Metrics of the best trial's best validation; None without any score.
        test_result: Metrics of the best trial's test; None without any score.
        is_complete: Whether every trial has ended.
        text: The tables for the screen.

    Examples:
        Returned by `tune` and `resume`:

        >>> keys, valid, test = {"fn_flip_after": 5}, {"ndcg@10": 0.2}, {"ndcg@10": 0.19}
        >>> result = SearchResult("saved/tune", [], keys, valid, test, is_complete=True, text="")
        >>> result.best_keys["fn_flip_after"], result.test_result["ndcg@10"]
        (5, 0.19)
    """

    place: str
    trials: list[Record]
    best_keys: dict[str, Any] | None
    best_valid_result: Mapping[str, float] | None
    test_result: Mapping[str, float] | None
    is_complete: bool
    text: str


def conclude(
    search: Search, config: Config, storage: Storage, total: int, scratch: Path
) -> SearchResult:
    """Writes the results of a search, tests its best trial, and returns both.

    Args:
        search: The search.
        config: RecBole's configuration without any key of the space.
        storage: The search's place.
        total: How many trials there should be.
        scratch: A folder for the time being.

    Examples:
        Called after the trials:

        >>> from recbole_fn.tune.settings import TuneSettings
        >>> search = Search("SASRec", "tiny", {}, (), {}, TuneSettings())
        >>> storage = Storage("saved/tune")
        >>> records.write_end(storage, records.Record(0, status="failed"))
        >>> result = conclude(search, config, storage, total=2, scratch=folder)
        >>> result.is_complete, result.best_keys, storage.has("trials.html")
        (False, None, True)
    """
    metric, bigger = config["valid_metric"].lower(), bool(config["valid_metric_bigger"])
    trials = tables.in_order(records.read_all(storage), bigger)
    storage.write("trials.csv", tables.as_csv(trials, metric, bigger))
    storage.write("trials.html", page(search, trials, metric, bigger))
    ended = sum(trial.status in records.ENDED for trial in trials)
    first = records.ranked(trials, bigger)[:1]
    best = first[0].best(bigger) if first else None
    keys, test, text = None, None, tables.ranked_table(trials, metric, bigger)
    if best is not None:
        keys = search.keys_of(trials[0].keys)
        storage.write("best.yaml", _best_yaml(search, trials[0], f"{metric} {best['score']:.4f}"))
        test = _test(search, trials[0], storage, scratch)
        text += f"\nTrial {trials[0].number}:\n{results_table(best['result'], test)}"
    valid = None if best is None else best["result"]
    return SearchResult(storage.place, trials, keys, valid, test, ended >= total, text)


def _best_yaml(search: Search, trial: Record, score: str) -> str:
    """The keys of a trial, and how to get its score again."""
    threads = search.settings.cpus_per_trial
    return (
        f"# Trial {trial.number} of a search; its best validation score was {score}.\n"
        f"#     python run_recbole_fn.py --config_files=best.yaml\n"
        f"# It was trained with {threads} thread{'s' * (threads > 1)}. Sums in another order round "
        f"differently, so for the same\n# digits set the environment variable "
        f"OMP_NUM_THREADS={threads}.\n\n{as_yaml(search.keys_of(trial.keys))}"
    )


def _test(search: Search, trial: Record, storage: Storage, scratch: Path) -> dict[str, float]:
    """Tests the best checkpoint of a trial, which becomes `best.pth`."""
    checkpoint = (storage.folder or scratch) / "best.pth"
    if storage.folder is not None:
        source = storage.folder / trial.name / BEST
        with replaced(checkpoint) as file:
            file.write(source.read_bytes())
    else:
        storage.download(f"{trial.name}/{BEST}", checkpoint)
        storage.upload(checkpoint, "best.pth")
    config = search.config(trial.keys, scratch, checkpoint_dir=str(scratch))
    run = build_experiment(config)
    metrics = run.trainer.evaluate(run.test_data, model_file=str(checkpoint))
    return {name: float(value) for name, value in (metrics or {}).items()}  # None: no test
