"""Kinds of feedback in RecBole's data set: the column is loaded, marked, and its rows are made."""

from recbole.data.dataset import SequentialDataset

from recbole_fn.config.advance_checks import require_full_ranking_of_kinds
from recbole_fn.config.settings import FNSettings
from recbole_fn.data.prefixes import FNSequentialDataset
from recbole_fn.feedback.dataset import FeedbackDataset
from recbole_fn.feedback.kinds import KindRule, add_kinds
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Config, Dataset, Keys


def load_column(final: Keys) -> None:
    """Lets RecBole load the column of feedback even if `load_col` omits it.

    Args:
        final: RecBole's final configuration dictionary; changed in place.

    Examples:
        >>> final = {"load_col": {"inter": ["user_id"]}, "fn_feedback_field": "rating"}
        >>> load_column(final)
        >>> final["load_col"]["inter"]
        ['user_id', 'rating']
        >>> all_of_them = {"load_col": {"inter": "*"}, "fn_feedback_field": "rating"}
        >>> load_column(all_of_them)
        >>> all_of_them["load_col"]
        {'inter': '*'}
    """
    columns, field = (final.get("load_col") or {}).get("inter"), final.get("fn_feedback_field")
    if columns and columns != "*" and field is not None and field not in columns:
        final["load_col"] = {**final["load_col"], "inter": [*columns, field]}


def require_rows_of_ours(final: Keys) -> None:
    """Refuses kinds where RecBole makes the rows: their targets would not be comparable.

    Args:
        final: RecBole's final configuration dictionary.

    Raises:
        InputError: naming the key.

    Examples:
        >>> require_rows_of_ours({"fn_feedback_field": "rating", "fn_enabled": False})
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: fn_feedback_field is 'rating' and fn_enabled is False,
        so that RecBole takes every interaction as a positive; fn_enabled must be True
    """
    field = final.get("fn_feedback_field")
    if field is not None and final.get("fn_enabled") is False:
        raise InputError(
            f"fn_feedback_field is {field!r} and fn_enabled is False, so that RecBole takes every "
            f"interaction as a positive; fn_enabled must be True"
        )
    if field is not None and final.get("train_stage") == "pretrain":
        raise InputError(
            f"fn_feedback_field is {field!r} and train_stage is 'pretrain', whose rows are "
            f"RecBole's; fn_feedback_field must be null"
        )


def mark_kinds(dataset: Dataset) -> None:
    """Marks the kinds of the interactions that RecBole has just loaded; nothing without kinds.

    Raises:
        InputError: if the data set cannot have kinds, or the column or a value is wrong.

    Examples:
        The hook of `Dataset._load_inter_feat` calls it:

        >>> dataset = SequentialDataset(feedback_run.config)
        >>> dataset.field2id_token["fn_kind"][dataset.inter_feat["fn_kind"][:5]].tolist()
        ['negative', 'negative', 'neutral', 'positive', 'positive']
    """
    settings = FNSettings.from_config(dataset.config.final_config_dict)
    if not (settings.enabled and settings.has_feedback):
        return
    if dataset.config["benchmark_filename"]:
        raise InputError(
            f"fn_feedback_field is {settings.feedback_field!r} and benchmark_filename is "
            f"{dataset.config['benchmark_filename']}, whose rows are made already; it must be null"
        )
    add_kinds(dataset, KindRule.of(settings))


def make_rows_of_kinds(dataset: Dataset, config: Config) -> None:
    """Lets a data set make the rows of this package, and with kinds those of feedback.

    RecBole chooses the class by the model's name. Rows are made later, in `build`.

    Args:
        dataset: The data set that RecBole has made; its class is changed.
        config: RecBole's configuration.

    Raises:
        InputError: if there are kinds, and the model has a data set of its own, or RecBole samples
            what is ranked.

    Examples:
        The hook of `create_dataset` calls it:

        >>> dataset = SequentialDataset(config)
        >>> make_rows_of_kinds(dataset, config)
        >>> type(dataset).__name__
        'FNSequentialDataset'
    """
    settings = FNSettings.from_config(config.final_config_dict)
    is_plain = type(dataset) is SequentialDataset
    if settings.has_feedback and not is_plain:
        raise InputError(
            f"fn_feedback_field is {settings.feedback_field!r}, but model {config['model']} has a "
            f"data set of its own, {type(dataset).__name__}; the model must be another one"
        )
    if settings.has_feedback:
        require_full_ranking_of_kinds(config)
        dataset.__class__ = FeedbackDataset
    elif is_plain and not settings.uses_model_loss:
        dataset.__class__ = FNSequentialDataset
