"""Chooses how the rows of a batch are read: as prefixes, or as windows of histories."""

from logging import getLogger

from recbole.data.interaction import Interaction

from recbole_fn.config.settings import FNSettings
from recbole_fn.data.batching import PrefixBatching, WindowBatching
from recbole_fn.data.chains import lists_chain
from recbole_fn.data.loaders import FNTrainDataLoader, FNWindowDataLoader, dataset_of, sampler_of
from recbole_fn.data.prefixes import PrefixInteraction
from recbole_fn.data.windows import Windows, find_windows, single_rows
from recbole_fn.scoring.dot_scorer import DotScorer
from recbole_fn.scoring.probe import allows_trimming, encodes_all_positions
from recbole_fn.scoring.scorers import Scorer
from recbole_fn.scoring.with_prior import own_scores
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.log_detail import DETAIL
from recbole_fn.utils.recbole_types import Config, Dataset, Model


def choose_batching(
    settings: FNSettings,
    config: Config,
    model: Model,
    scorer: Scorer,
    probe: Interaction,
    train_data: FNTrainDataLoader,
) -> tuple[PrefixBatching, FNTrainDataLoader]:
    """How the rows of a batch are read, and the loader of such batches.

    Args:
        settings: The `fn_` keys.
        config: RecBole's configuration.
        model: The model, on its device.
        scorer: What scores items with it.
        probe: Rows to try the ways with.
        train_data: The loader of prefixes.

    Raises:
        InputError: if `fn_batching` is `sequence`, and the model or the data does not support it.

    Examples:
        `prepare` calls it:

        >>> settings = FNSettings.from_config(config.final_config_dict)
        >>> scored = run.model, run.trainer.fn_step.scorer, run.train_data.dataset[:8]
        >>> batching, loader = choose_batching(settings, config, *scored, run.train_data)
        >>> batching.name, type(loader).__name__
        ('sequence', 'FNWindowDataLoader')
    """
    dataset, sampler = dataset_of(train_data), sampler_of(train_data)
    with own_scores(model):
        windows, reason = _choose_windows(settings, config, dataset, model, scorer, probe)
        # The model's own loss may read fixed columns where its scores do not.
        trims = not settings.uses_model_loss and allows_trimming(model, scorer, probe)
    way, cut = "prefix" if windows is None else "sequence", "" if trims else "not "
    getLogger().info(f"Batching by {way}: {reason}.", extra=DETAIL)
    getLogger().info(f"Histories are {cut}cut to the longest of a batch.", extra=DETAIL)
    batching = PrefixBatching(dataset, trims)
    if windows is not None:
        batching = WindowBatching(dataset, trims, windows, config["device"])
    if windows is None and not trims:
        return batching, train_data
    args = sampler, windows or single_rows(dataset), train_data.shuffle
    return batching, FNWindowDataLoader(config, dataset, *args)


def _choose_windows(
    settings: FNSettings,
    config: Config,
    dataset: Dataset,
    model: Model,
    scorer: Scorer,
    probe: Interaction,
) -> tuple[Windows | None, str]:
    if settings.batching == "prefix" or settings.uses_model_loss:
        key = "fn_batching" if settings.batching == "prefix" else "fn_loss: model"
        return None, f"{key} asks for it"
    windows = find_windows(dataset, settings.window_stride)
    if config["transform"] is not None:
        reason = f"batches go through the transform {config['transform']!r}"
    elif windows is None:
        reason = "the training rows are not the prefixes of each user's history"
    elif (column := _column_of_each_row(dataset, scorer)) is not None:
        reason = f"forward reads the column {column!r} of each row"
    elif not encodes_all_positions(model, scorer, probe):
        reason = f"{type(model).__name__} does not give in one pass what it gives row by row"
    else:
        return windows, "one pass over a window equals its prefixes on a probe batch"
    if settings.batching == "sequence":
        raise InputError(f"fn_batching is 'sequence', but {reason}; it must be auto or prefix")
    return None, reason


def _column_of_each_row(dataset: Dataset, scorer: Scorer) -> str | None:
    """What `forward` reads that is not the same for all rows of a window; None if nothing is.

    The rows of a window are encoded as one entry, its last row, so they would get that row's hour,
    device or target. The probe cannot see this: it cuts a row off, which leaves such a column.
    """
    fields = scorer.fields if isinstance(scorer, DotScorer) else ()
    of_users = () if dataset.user_feat is None else dataset.user_feat.columns
    shared = {dataset.uid_field, dataset.item_list_length_field, *of_users}
    own = (name for name in fields if name not in shared and not _is_history(dataset, name))
    return next(own, None)


def _is_history(dataset: Dataset, name: str) -> bool:
    """Whether a column is a list that grows by one value from row to row of a user."""
    rows, suffix = dataset.inter_feat, dataset.config["LIST_SUFFIX"]
    if isinstance(rows, PrefixInteraction):
        return name in rows.interaction.lists
    source = name.removesuffix(suffix)
    return source != name and source in rows and lists_chain(dataset, source)
