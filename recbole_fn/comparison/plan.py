"""Makes the jobs of a comparison, and checks them before any is run."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recbole_fn.comparison.variants import Keys, choose_seeds
from recbole_fn.config.type_checks import require_metric
from recbole_fn.experiment.build import build_model, load_data, read_config
from recbole_fn.utils.errors import InputError, mistakes_in

_MEASURED = ("metrics", "topk", "valid_metric")  # what arms are compared by
# What `fn_enabled: True` may change beside training; so an arm without it gets the same.
_SHARED = ("eval_args", "load_col")


@dataclass(frozen=True)
class Job:
    """One training run.

    Attributes:
        dataset: Name of the data set.
        model: Name of the model, or `package.module:Class`.
        arm: Name of the arm.
        seed: The seed.
        common: The property file that all jobs share.
        keys: Keys that win over the file: the arm's and the seed among them.
    """

    dataset: str
    model: str
    arm: str
    seed: int
    common: str
    keys: Keys

    @property
    def name(self) -> str:
        """A name for the job's files."""
        parts = (self.dataset, self.model, self.arm, str(self.seed))
        return "-".join(re.sub(r"[^\w.-]", "_", part) for part in parts)

    def config(self) -> Any:
        """RecBole's configuration of the job.

        Raises:
            InputError: for a mistake in a key.
        """
        return read_config(self.model, self.dataset, [self.common], self.keys)


def plan(
    models: Sequence[str],
    datasets: Sequence[str],
    common: str,
    keys: Keys,
    arms: Mapping[str, Keys],
    seeds: int | Sequence[int],
) -> list[Job]:
    """The jobs of a comparison: all arms of a seed after one another, then the next seed.

    Args:
        models: Names of models.
        datasets: Names of data sets.
        common: The property file that all jobs share.
        keys: Keys that win over the file; an arm's keys win over these.
        arms: The arms.
        seeds: See `choose_seeds`.

    Raises:
        InputError: for a mistake in a key, and for arms that do not measure the same.
    """
    jobs = []
    for dataset in datasets:
        for model in models:
            probe = Job(dataset, model, "", 0, common, {**keys, "fn_enabled": True}).config()
            shared = {key: probe[key] for key in _SHARED}
            for seed in choose_seeds(seeds, probe["seed"]):
                for arm, own in arms.items():
                    given = {**keys, **shared, "show_progress": False, "seed": seed, **own}
                    jobs.append(Job(dataset, model, arm, seed, common, given))
    _require_same_metrics(jobs)
    return jobs


def without_impossible(jobs: Sequence[Job]) -> tuple[list[Job], list[str]]:
    """Leaves out the arms that a model cannot have, for arms that nobody has named.

    Args:
        jobs: The jobs.

    Returns:
        The jobs that are left, and a note on each arm that is left out.
    """
    pairs = {(job.model, job.arm): job for job in jobs}
    impossible = {pair for pair, job in pairs.items() if _lacks_cross_entropy(job, job.config())}
    notes = [
        f"{model}: arm {arm} is left out, as the model has a loss of its own."
        for model, arm in pairs
        if (model, arm) in impossible
    ]
    return [job for job in jobs if (job.model, job.arm) not in impossible], notes


def require_buildable(jobs: Iterable[Job]) -> None:
    """Loads data and builds the model of each job, one seed of each arm.

    Raises:
        InputError: naming what cannot be built.
    """
    for job in _one_seed(jobs):
        config = job.config()
        _require_cross_entropy(job, config)
        with mistakes_in(f"data set {job.dataset!r}"):
            _, loaders = load_data(config)
        with mistakes_in(f"model {job.model!r} in arm {job.arm!r}"):
            build_model(config, loaders[0])
        if loaders[1]:
            require_metric(config)


def _one_seed(jobs: Iterable[Job]) -> Iterable[Job]:
    return {(job.dataset, job.model, job.arm): job for job in jobs}.values()


def _lacks_cross_entropy(job: Job, config: Any) -> bool:
    """RecBole reads `loss_type` only where a model leaves its kind of input open."""
    return job.keys.get("loss_type") == "CE" and hasattr(config.model_class, "input_type")


def _require_cross_entropy(job: Job, config: Any) -> None:
    if _lacks_cross_entropy(job, config):
        raise InputError(
            f"arm {job.arm!r} asks for loss_type CE, and model {job.model!r} has a loss of its "
            f"own; allowed are the other arms (--variants=)"
        )


def _require_same_metrics(jobs: Iterable[Job]) -> None:
    """Refuses arms whose results have no common column, before hours of training."""
    first: dict[tuple[str, str], tuple[str, Keys]] = {}
    for job in _one_seed(jobs):
        config = job.config()
        measured = {key: config[key] for key in _MEASURED}
        arm, other = first.setdefault((job.dataset, job.model), (job.arm, measured))
        for key, value in measured.items():
            if _plain(value) != _plain(other[key]):
                raise InputError(
                    f"{key} is {value!r} in arm {job.arm!r} and {other[key]!r} in arm {arm!r}; it "
                    f"must be the same in all arms, which are compared by it"
                )


def _plain(value: Any) -> Any:
    """Names of metrics as their results spell them, and lists without their order."""
    if isinstance(value, (list, tuple)):
        return sorted({_plain(one) for one in value})
    return value.lower() if isinstance(value, str) else value
