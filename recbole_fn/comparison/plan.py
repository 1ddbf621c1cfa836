"""Makes the jobs of a comparison, and checks them before any is run."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from recbole_fn.comparison.fairness import require_free_keys, require_same_measures
from recbole_fn.comparison.variants import Keys, choose_seeds
from recbole_fn.config.evaluation_values import require_part
from recbole_fn.config.type_checks import require_metric
from recbole_fn.data.loaders import dataset_of
from recbole_fn.experiment.build import build_model, load_data, read_config
from recbole_fn.utils.errors import InputError, mistakes_in
from recbole_fn.utils.recbole_types import Config

_SHARED = ("eval_args", "load_col")  # `fn_enabled` may change them, so all variants get the same


@dataclass(frozen=True)
class Job:
    """One training run.

    Attributes:
        dataset: Name of the data set.
        model: Name of the model, or `package.module:Class`.
        variant: Name of the variant.
        seed: The seed.
        common: The property file that all jobs share.
        keys: Keys that win over the file: the variant's and the seed among them.
        epochs: The key `epochs`, of `keys` or `common`.
        files: Size and hash of each file of the data set, see `data_files.with_files`.

    Example:
        >>> Job("ml-100k", "my.models:Mine", "flip", 1, "common.yaml", {"seed": 1}, 300).name
        'ml-100k-my.models_Mine-flip-1'
    """

    dataset: str
    model: str
    variant: str
    seed: int
    common: str
    keys: Keys
    epochs: int
    files: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """A name for the job's files."""
        parts = (self.dataset, self.model, self.variant, str(self.seed))
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
    variants: Mapping[str, Keys],
    seeds: int | Sequence[int],
) -> list[Job]:
    """The jobs of a comparison: all variants of a seed after one another, then the next seed.

    Args:
        models: Names of models.
        datasets: Names of data sets.
        common: The property file that all jobs share.
        keys: Keys that win over the file; a variant's keys win over these.
        variants: The variants.
        seeds: See `choose_seeds`.

    Raises:
        InputError: for a mistake in a key, for variants that do not measure the same, and for one
            with a key such as `seed`, which all share.

    Example:
        >>> from recbole_fn.comparison.variants import choose_variants
        >>> variants = choose_variants("off,flip")
        >>> [job.name for job in plan(["SASRec"], ["tiny"], "fn.yaml", {}, variants, [1])]
        ['tiny-SASRec-off-1', 'tiny-SASRec-flip-1']
    """
    require_free_keys(variants)
    jobs = []
    for dataset in datasets:
        for model in models:
            probe = Job(dataset, model, "", 0, common, {**keys, "fn_enabled": True}, 0).config()
            shared = {key: probe[key] for key in _SHARED}
            shared["fn_whole_times"] = probe["fn_whole_times"] is not False
            for seed in choose_seeds(seeds, probe["seed"]):
                for variant, own in variants.items():
                    whole = {**keys, **shared, "show_progress": False, "seed": seed, **own}
                    epochs = own.get("epochs", probe["epochs"])
                    jobs.append(Job(dataset, model, variant, seed, common, whole, epochs))
    _require_own_names(jobs)
    require_same_measures(_one_seed(jobs))
    return jobs


def without_impossible(jobs: Sequence[Job]) -> tuple[list[Job], list[str]]:
    """Leaves out the variants that a model cannot have, for variants that nobody has named.

    Args:
        jobs: The jobs.

    Returns:
        The jobs that are left, and a note on each variant that is left out.

    Example:
        >>> from types import SimpleNamespace
        >>> config = SimpleNamespace(model_class=SimpleNamespace(input_type="pairwise"))
        >>> job = SimpleNamespace(model="FPMC", variant="recbole-ce", keys={"loss_type": "CE"})
        >>> job.config = lambda: config
        >>> without_impossible([job])
        ([], ['FPMC: variant recbole-ce is left out, as the model has a loss of its own.'])
    """
    pairs = {(job.model, job.variant): job for job in jobs}
    impossible = [pair for pair, job in pairs.items() if _lacks_cross_entropy(job, job.config())]
    notes = [
        f"{model}: variant {variant} is left out, as the model has a loss of its own."
        for model, variant in impossible
    ]
    return [job for job in jobs if (job.model, job.variant) not in impossible], notes


def require_buildable(jobs: Iterable[Job]) -> None:
    """Loads data and builds the model of each job, one seed of each variant.

    Raises:
        InputError: naming what cannot be built.

    Example:
        >>> jobs[1].keys["hidden_size"] = 15
        >>> require_buildable(jobs)
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: model 'SASRec' in variant 'flip' is not usable: ...
    """
    for job in _one_seed(jobs):
        config = job.config()
        _require_cross_entropy(job, config)
        require_part(config, "test", "a comparison")
        with mistakes_in(f"data set {job.dataset!r}"):  # a net, as in `build_experiment`
            _, loaders = load_data(config)
        with mistakes_in(f"model {job.model!r} in variant {job.variant!r}"):  # a net
            build_model(config, dataset_of(loaders[0]))
        if loaders[1]:
            require_metric(config)


def _one_seed(jobs: Iterable[Job]) -> Iterable[Job]:
    return {(job.dataset, job.model, job.variant): job for job in jobs}.values()


def _lacks_cross_entropy(job: Job, config: Config) -> bool:
    """RecBole reads `loss_type` only where a model leaves its kind of input open."""
    return job.keys.get("loss_type") == "CE" and hasattr(config.model_class, "input_type")


def _require_cross_entropy(job: Job, config: Config) -> None:
    if _lacks_cross_entropy(job, config):
        raise InputError(
            f"variants has {job.variant!r}, which sets loss_type CE, but model {job.model!r} has a "
            f"loss of its own; it must be another variant"
        )


def _require_own_names(jobs: Iterable[Job]) -> None:
    owners: dict[str, tuple[str, str, str]] = {}
    for job in jobs:
        own = (job.dataset, job.model, job.variant)
        if owners.setdefault(job.name, own) != own:
            both = f"jobs of {owners[job.name]} and {own} are both named {job.name!r}"
            raise InputError(f"{both}; one must have another name, or another out folder")
