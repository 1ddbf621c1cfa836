"""The kind of each interaction: positive, neutral or negative, read from a column."""

from collections.abc import Iterable
from dataclasses import dataclass
from logging import getLogger

import numpy as np
import torch
from recbole.utils import FeatureSource, FeatureType
from torch import Tensor

from recbole_fn.config.feedback_condition import Condition
from recbole_fn.config.feedback_keys import FeedbackKeys
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Dataset

KIND_FIELD = "fn_kind"
NEGATIVE, NEUTRAL, POSITIVE = -1, 0, 1
_NAMES = {"negative": NEGATIVE, "neutral": NEUTRAL, "positive": POSITIVE}


@dataclass(frozen=True)
class KindRule:
    """Which values are of which kind.

    Attributes:
        field: The column.
        negative: What negative values fulfil.
        neutral: What neutral values fulfil; None if no value is neutral.

    Example:
        >>> rule = KindRule("rating", Condition.of("<= 2"), Condition.of("== 3"))
        >>> [rule.kind(value) for value in (1.0, 3.0, 5.0, float("nan"))]
        ['negative', 'neutral', 'positive', 'neutral']
    """

    field: str
    negative: Condition
    neutral: Condition | None

    @classmethod
    def of(cls, keys: FeedbackKeys) -> "KindRule":
        """The rule of a run with `fn_feedback_field`."""
        neutral = keys.feedback_neutral
        return cls(
            str(keys.feedback_field),
            Condition.of(keys.feedback_negative),
            None if neutral is None else Condition.of(neutral),
        )

    def kind(self, value: object) -> str:
        """The kind of a value by name; `neutral` for a missing one.

        Args:
            value: A number, a text, or NaN.

        Raises:
            InputError: if the value is both negative and neutral.
        """
        if value != value:  # NaN
            return "neutral"
        negative = self.negative.holds(value)
        neutral = self.neutral is not None and self.neutral.holds(value)
        if negative and neutral:
            raise InputError(
                f"fn_feedback_negative and fn_feedback_neutral both hold for {value!r} in column "
                f"{self.field!r}; a value must be of one kind"
            )
        return "negative" if negative else "neutral" if neutral else "positive"


def add_kinds(dataset: Dataset, rule: KindRule) -> None:
    """Adds the kinds to the interactions that RecBole has just loaded, as a column of tokens.

    RecBole fills missing ratings with their mean and scales ratings to 0 to 1 afterwards.

    Args:
        dataset: The data set; `inter_feat` is a table.
        rule: Which values are of which kind.

    Raises:
        InputError: if there is no such column, or its values cannot be compared so.

    Example:
        The hook of `Dataset._load_inter_feat` calls it:

        >>> from recbole.data.dataset import SequentialDataset
        >>> dataset = SequentialDataset(feedback_run.config)
        >>> add_kinds(dataset, KindRule("rating", Condition.of("<= 1"), neutral=None))
        >>> dataset.inter_feat[["rating", "fn_kind"]][:2].values.tolist()
        [[1.0, 'negative'], [2.0, 'positive']]
    """
    rows = dataset.inter_feat
    _require_column(dataset, rule)
    values = rows[rule.field]
    kinds = {value: rule.kind(value) for value in values.dropna().unique().tolist()}
    rows[KIND_FIELD] = values.map(kinds).fillna("neutral").astype(str)
    dataset.set_field_property(KIND_FIELD, FeatureType.TOKEN, FeatureSource.INTERACTION, 1)


def _require_column(dataset: Dataset, rule: KindRule) -> None:
    columns = {name: dataset.field2type[name] for name in dataset.inter_feat}
    kind = columns.get(rule.field)
    if kind not in (FeatureType.TOKEN, FeatureType.FLOAT):
        usable = [n for n, k in columns.items() if k in (FeatureType.TOKEN, FeatureType.FLOAT)]
        raise InputError(
            f"fn_feedback_field is {rule.field!r}; it must be a column of the interactions of data "
            f"set {dataset.dataset_name!r} with numbers or tokens: {', '.join(usable)}"
        )
    for name, condition in (("negative", rule.negative), ("neutral", rule.neutral)):
        if condition is not None:
            _require_comparable(name, condition, rule.field, kind == FeatureType.FLOAT)


def _require_comparable(name: str, condition: Condition, field: str, is_number: bool) -> None:
    text = f"fn_feedback_{name} is {condition.comparison} {', '.join(condition.values)}"
    if is_number and not all(map(_is_number, condition.values)):
        raise InputError(f"{text}, but column {field!r} has numbers; it must compare with numbers")
    if not is_number and condition.orders:
        raise InputError(
            f"{text}, but column {field!r} has tokens, which have no order; it must be ==, != or a "
            f"list of values"
        )


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def codes(tokens: Iterable[str], ids: Tensor) -> Tensor:
    """The kinds of interactions as numbers.

    Args:
        tokens: RecBole's tokens of the column by id, the padding's first.
        ids: Ids, shape [interactions].

    Returns:
        `NEGATIVE`, `NEUTRAL` or `POSITIVE`, shape [interactions], int8.

    Example:
        >>> codes(["[PAD]", "positive", "negative"], torch.tensor([1, 2, 1]))
        tensor([ 1, -1,  1], dtype=torch.int8)
    """
    by_id = [_NAMES.get(str(token), NEUTRAL) for token in tokens]
    return torch.tensor(by_id, dtype=torch.int8)[ids]


def log_counts(field: str, kinds: Tensor) -> None:
    """Logs how many interactions are of each kind.

    Args:
        field: The column.
        kinds: What `codes` returned.

    Raises:
        InputError: if none is positive, so that nothing can be a target.

    Example:
        >>> log_counts("rating", torch.tensor([1, 1, -1]))
    """
    counts = {name: int((kinds == code).sum()) for name, code in _NAMES.items()}
    if counts["positive"] == 0:
        raise InputError(
            f"column {field!r} has no positive interaction; fn_feedback_negative and "
            f"fn_feedback_neutral must leave some"
        )
    words = ", ".join(f"{counts[name]:,} {name}" for name in reversed(_NAMES))
    getLogger().info(f"Feedback in column {field!r}: {words} interactions.")
