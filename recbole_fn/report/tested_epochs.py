"""Notes on the epochs that the tests of a comparison are of."""

from collections.abc import Mapping, Sequence

from recbole_fn.results.job_result import JobResult
from recbole_fn.training.parts import Parts

_EARLY = (
    "tested is a checkpoint from before the first extracted item, which says nothing of "
    "extraction; the last validations do."
)
_NEVER = "nothing was extracted, so the job says nothing of extraction."


def without_extraction(results: Sequence[JobResult]) -> list[str]:
    """Notes on jobs that extracted nothing, or whose tested checkpoint precedes that.

    Each ranking of `fn_eval_also` is tested with its own checkpoint, and has its own note.

    Example:
        >>> without_extraction(results)[0][:83]
        'M, d, flip, seed 1, 2: tested is a checkpoint from before the first extracted item,'
        >>> without_extraction(results[:2])
        []
    """
    seeds: dict[tuple[str, str], list[str]] = {}
    for job in results:
        for where, note in _notes_on(job):
            seeds.setdefault((where, note), []).append(str(job.seed))
    return [f"{where}, seed {', '.join(of)}: {note}" for (where, note), of in seeds.items()]


def _notes_on(job: JobResult) -> list[tuple[str, str]]:
    """What each note is on, without the seed, and the note."""
    where, first = f"{job.model}, {job.dataset}, {job.variant}", first_extraction(job)
    if first is None:
        return [(where, _NEVER)] if job.history and _extracts(job) else []
    metrics = job.ranked_metrics
    names = [where] if len(metrics) == 1 else [f"{where}, {metric}" for metric in metrics]
    early = [epoch_of_test(job, metric) < first for metric in metrics]
    return [(name, _EARLY) for name, is_early in zip(names, early, strict=True) if is_early]


def _extracts(job: JobResult) -> bool:
    parts = Parts.of(job.config)
    return parts.settings.enabled and parts.treatment.extracts


def epoch_of_test(job: JobResult, metric: str) -> int:
    """The epoch, from 0, of the weights that a ranking is tested with.

    Args:
        job: A job.
        metric: One of its `ranked_metrics`, of which the last of the best validations counts; a
            ranking without validations of its own has the weights of `valid_metric`.

    Example:
        >>> from types import SimpleNamespace
        >>> scores = {0: 0.1, 1: 0.2, 2: 0.2, 3: 0.1}
        >>> job = SimpleNamespace(valid_metric="ndcg@10", best_epoch=3, config={})
        >>> job.valid_scores = lambda metric: scores
        >>> epoch_of_test(job, "ndcg@10"), epoch_of_test(job, "ndcg@10/uni100")
        (3, 2)
    """
    scores = job.valid_scores(metric)
    if metric == job.valid_metric or not scores:
        return job.best_epoch
    sign = 1 if job.config.get("valid_metric_bigger", True) else -1
    return max(scores, key=lambda epoch: (sign * scores[epoch], epoch))


def first_extraction(job: JobResult) -> int | None:
    """The first epoch, from 0, in which an item was extracted; None without any.

    Example:
        >>> from types import SimpleNamespace
        >>> figures = [None, {"flipped": 0}, {"flipped": 7}]
        >>> history = [SimpleNamespace(epoch=n, extraction=one) for n, one in enumerate(figures)]
        >>> first_extraction(SimpleNamespace(history=history))
        2
    """
    for epoch in job.history:
        if (epoch.extraction or {}).get("flipped"):
            return epoch.epoch
    return None


def still_rising(results: Sequence[JobResult]) -> list[str]:
    """A note for each data set and model with jobs that were still rising when they stopped.

    Example:
        >>> still_rising(results)
        []
    """
    rising: dict[tuple[str, str], dict[str, list[JobResult]]] = {}
    for job in filter(is_rising, results):
        variants = rising.setdefault((job.dataset, job.model), {})
        variants.setdefault(job.variant, []).append(job)
    return [
        f"{model}, {dataset}: still rising when training stopped, so more epochs may change the "
        f"order: {'; '.join(_by_seeds(variants))}."
        for (dataset, model), variants in rising.items()
    ]


def is_rising(job: JobResult) -> bool:
    """Whether the best score first came in the last tenth of the epochs up to the last validation.

    A single validation does not say, and a curve that has been flat since is not rising.

    Example:
        >>> from types import SimpleNamespace
        >>> def job(*scores):
        ...     best = max(range(len(scores)), key=lambda epoch: (scores[epoch], epoch))
        ...     of_epoch = dict(enumerate(scores))
        ...     return SimpleNamespace(
        ...         valid_metric="ndcg@10", best_epoch=best, valid_scores=lambda metric: of_epoch
        ...     )
        >>> is_rising(job(0.1, 0.2, 0.3)), is_rising(job(0.1, 0.3, 0.3))
        (True, False)
    """
    scores = job.valid_scores(job.valid_metric)
    if len(scores) < 2 or job.best_epoch not in scores:
        return False
    first = min(epoch for epoch in scores if scores[epoch] == scores[job.best_epoch])
    return 10 * (first + 1) > 9 * (max(scores) + 1)


def _by_seeds(variants: Mapping[str, Sequence[JobResult]]) -> list[str]:
    """Variants with the same seeds share a phrase."""
    phrases: dict[str, list[str]] = {}
    for variant, jobs in variants.items():
        phrases.setdefault(", ".join(str(job.seed) for job in jobs), []).append(variant)
    return [
        f"{', '.join(names)} with seed {seeds} (best validation: epoch "
        f"{_best_epochs([job for name in names for job in variants[name]])})"
        for seeds, names in phrases.items()
    ]


def _best_epochs(jobs: Sequence[JobResult]) -> str:
    """Counted from 0, as in logs, figures and `curves.csv`."""
    best = span([str(number) for number in sorted(job.best_epoch for job in jobs)])
    last = span([str(number - 1) for number in sorted(job.epochs for job in jobs)])
    return f"{best}, last epoch {last}"


def span(numbers: Sequence[str]) -> str:
    """The first and the last of sorted numbers.

    Example:
        >>> span(["2.0 %", "2.5 %", "3.1 %"]), span(["4", "4"])
        ('2.0 % to 3.1 %', '4')
    """
    first, last = numbers[0], numbers[-1]
    return first if first == last else f"{first} to {last}"
