"""A comparison from one call: plan, check, run, summarize."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from pandas import DataFrame

from recbole_fn.comparison.data_files import with_files
from recbole_fn.comparison.finished import finished
from recbole_fn.comparison.plan import plan, require_buildable, without_impossible
from recbole_fn.comparison.running import run_all
from recbole_fn.comparison.status import STATUS
from recbole_fn.comparison.variants import Keys, baseline_of, choose_variants, words
from recbole_fn.environment.packages import require_ray_packages
from recbole_fn.hooks.command_line import command_line
from recbole_fn.hooks.file_keys import keys_of_files
from recbole_fn.report.reading import read_summary
from recbole_fn.report.writing import write_newest
from recbole_fn.results.comparison_file import ComparisonFile
from recbole_fn.results.statistics import Row
from recbole_fn.results.tables import as_frame
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import alone, fingerprint, write_whole

Names = str | Iterable[str]


@dataclass(frozen=True)
class Comparison:
    """The results of a comparison.

    Attributes:
        folder: The output folder; the docstring of `recbole_fn.comparison` lists its files.
        rows: A row for each data set, model, variant and metric.
        failures: A line for each job that failed.
        text: The tables for the screen.

    Example:
        >>> comparison = Comparison(Path("saved/compare-1"), rows=[], failures=[], text="")
        >>> list(comparison.frame.columns[:5])
        ['dataset', 'model', 'variant', 'metric', 'mean']
    """

    folder: Path
    rows: list[Row]
    failures: list[str]
    text: str

    @property
    def frame(self) -> DataFrame:
        """The rows as a data frame, a column for each field of `results.statistics.Row`."""
        return as_frame(self.rows)


def compare(
    model: Names = "SASRec",
    dataset: Names = "ml-100k",
    config_file_list: Sequence[str] | None = None,
    config_dict: Keys | None = None,
    variants: Iterable[str] | Mapping[str, Keys] | None = None,
    seeds: int | Sequence[int] = 1,
    out: str | None = None,
    workers: int = 1,
    ray_address: str | None = None,
) -> Comparison:
    """Compares variants: trains and tests each with the same data, split, seeds and evaluation.

    Jobs that have finished in the folder before are not run again, so a comparison that was
    stopped goes on, and one with more variants, seeds or models trains those that are new. The
    tables show what this call names, and no other jobs in the folder. A job that was stopped goes
    on from its last checkpoint, and so does a finished one where only `epochs` is larger now; the
    result is that of one call.

    Args:
        model: Names of models, separated by spaces, or a list; a class of your own is
            `package.module:Class`.
        dataset: Names of data sets, in the same way.
        config_file_list: Property files, as in `run_recbole_fn`.
        config_dict: Keys that win over the files. The command line is not read.
        variants: Names of `VARIANTS`, or {name: keys} of your own; by default all of `VARIANTS`
            that a model can have.
        seeds: A number n for n seeds from the key `seed` on; or a list of seeds.
        out: The output folder; by default `saved/compare-` and a hash of the configuration.
        workers: Jobs at a time; more than one run in Ray.
        ray_address: A cluster of Ray.

    Raises:
        InputError: for a mistake in names, keys, files or data, before any job is run; where a
            data file has changed since a job in the folder finished; and where another comparison
            runs in the folder.

    Example:
        Trains each of two variants with two seeds:

        >>> keys = {"epochs": 2, "fn_start": 1, "train_batch_size": 512}
        >>> found = compare("SASRec", "tiny", config_dict=keys, variants=["off", "flip"], seeds=2)
        >>> found.frame[["variant", "metric"]].values[0]
        array(['off', 'recall@10'], dtype=object)
    """
    models, datasets = _names("model", model), _names("dataset", dataset)
    chosen = choose_variants(variants)
    _require_workers(workers, ray_address)
    in_files, keys = keys_of_files(config_file_list), dict(config_dict or {})
    folder = Path(out or f"saved/compare-{fingerprint({**in_files, **keys})}").resolve()
    in_use = f"{str(folder)!r} is in use by a comparison that still runs; wait for its end, or "
    with alone(folder, f"{in_use}choose another folder (--out=)"):
        _write_common(folder, in_files)
        with command_line():
            jobs = plan(models, datasets, str(folder / "common.yaml"), keys, chosen, seeds)
            jobs, left_out = without_impossible(jobs) if variants is None else (jobs, [])
            jobs = with_files(jobs)
            require_buildable(job for job in jobs if finished(job, folder / "jobs") is None)
        file = ComparisonFile(baseline_of(chosen), left_out, [job.name for job in jobs])
        file.write(folder)
        failures = run_all(jobs, folder / "jobs", workers, ray_address)
        summary = write_newest(folder, read_summary)
        return Comparison(folder, summary.rows, failures, summary.text)


def _require_workers(workers: int, ray_address: str | None) -> None:
    """Refuses a number of jobs below 1, and jobs at a time where Ray is not installed."""
    if workers < 1:
        raise InputError(f"workers is {workers}; it must be at least 1")
    if workers > 1 or ray_address:
        require_ray_packages()


def _names(what: str, names: Names) -> list[str]:
    listed = (words(names) or []) if isinstance(names, str) else list(names)
    if not listed or not all(isinstance(name, str) for name in listed):
        raise InputError(f"{what} is {names!r}; it must be names (a class is module:Class)")
    return list(dict.fromkeys(listed))


def _write_common(folder: Path, in_files: Keys) -> None:
    """Writes the property file that all jobs share."""
    _require_same(folder, in_files)
    (folder / "jobs").mkdir(exist_ok=True)
    write_whole(folder / "common.yaml", yaml.safe_dump(in_files))


def _require_same(folder: Path, in_files: Keys) -> None:
    results = (path.name for path in (folder / "jobs").glob("*.json"))
    if all(name.endswith(STATUS) for name in results):  # no job has finished
        return
    before = yaml.safe_load((folder / "common.yaml").read_text(encoding="utf-8"))
    # Other `epochs` are a matter of each job: a larger number lets it train on.
    if {**before, "epochs": None} != {**in_files, "epochs": None}:
        raise InputError(
            f"out is {str(folder)!r}, which holds a comparison with other property files; it must "
            f"be another folder"
        )
