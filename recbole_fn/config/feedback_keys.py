"""The `fn_` keys of real feedback: skips, dislikes and low ratings."""

from collections.abc import Sequence
from dataclasses import dataclass

from recbole_fn.config import key_constraints as must
from recbole_fn.config.constraints import integer, key, one_of
from recbole_fn.config.feedback_condition import CONDITION
from recbole_fn.utils.errors import InputError

SMALLER = ("negative_hit@", "negative_ndcg@")  # of these metrics less is better
_DEPENDENT = ("negative", "neutral", "targets", "inputs")


@dataclass(frozen=True)
class FeedbackKeys:
    """The keys of real feedback; without `feedback_field`, every interaction is a positive.

    Attributes:
        feedback_field: Column of the interactions that says of which kind each of them is, such
            as `rating`; None to take every interaction as a positive.
        feedback_negative: Values of negative feedback: one comparison or a list of values.
        feedback_neutral: Values of neutral feedback, likewise; None for none. All other values
            are positive; an interaction without a value is neutral.
        feedback_targets: What becomes of training targets that are not positive: they stay
            targets (`ignore`), are no rows (`exclude`), or are no rows and serve as real negatives
            of the user's other rows (`negative`).
        feedback_inputs: The histories that a model reads: of `positive` items, of `all`, or of all
            with a learned embedding of the kind added to the item's (`typed`).
        real_negatives: K, the most slots of a row that hold real negatives, the nearest in time;
            None for 10, or N if that is less.
        real_negative_loss: What a real negative adds to the loss: it is a negative in a `slot` of
            its row, or adds `-log(1 - p)` with p its probability among the row's candidates
            (`not_to_recommend`).
        real_negative_weight: How many times a real negative counts in the loss.

    Example:
        >>> FeedbackKeys(feedback_field="rating", feedback_negative="<= 2").feedback_targets
        'ignore'
    """

    feedback_field: str | None = key(None, must.COLUMN)
    feedback_negative: str | Sequence[str | float] | None = key(None, CONDITION)
    feedback_neutral: str | Sequence[str | float] | None = key(None, CONDITION)
    feedback_targets: str = key("ignore", one_of("ignore", "exclude", "negative"))
    feedback_inputs: str = key("all", one_of("positive", "all", "typed"))
    real_negatives: int | None = key(None, integer(1, 1_000_000))
    real_negative_loss: str = key("slot", one_of("slot", "not_to_recommend"))
    real_negative_weight: float = key(1.0, must.POSITIVE)

    @property
    def has_feedback(self) -> bool:
        """Whether interactions have kinds."""
        return self.feedback_field is not None

    @property
    def most_real_negatives(self) -> int:
        """K, the most slots of a row that hold real negatives; N bounds it too."""
        return 10 if self.real_negatives is None else self.real_negatives

    @property
    def has_real_negatives(self) -> bool:
        """Whether rows have negative feedback of their user as negatives."""
        return self.has_feedback and self.feedback_targets == "negative"

    @property
    def has_real_slots(self) -> bool:
        """Whether real negatives fill slots of rows, and do not have a term of their own."""
        return self.has_real_negatives and self.real_negative_loss == "slot"


def feedback_metric_names(topk: Sequence[int]) -> list[str]:
    """The metrics that a run with kinds of feedback computes beside RecBole's.

    Args:
        topk: The cut-offs.

    Example:
        >>> feedback_metric_names([10])[:2]
        ['negative_hit@10', 'negative_ndcg@10']
    """
    ranked = ("negative_hit", "negative_ndcg", "hit_difference", "ndcg_difference")
    of_lists = [f"{name}@{k}" for k in topk for name in ranked]
    return [*of_lists, "liked_above_disliked", "user_coverage"]


def check_feedback(keys: FeedbackKeys, neg_num: int | str, uses_model_loss: bool) -> None:
    """Checks the keys of feedback together.

    Args:
        keys: The keys.
        neg_num: `fn_neg_num`.
        uses_model_loss: Whether the loss is the model's own.

    Raises:
        InputError: if one key lacks another or contradicts it.

    Example:
        >>> check_feedback(FeedbackKeys(feedback_field="rating"), 100, False)
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: fn_feedback_field is 'rating' and fn_feedback_negative
        is None; fn_feedback_negative must say which values are negative, such as "<= 2"
    """
    if keys.has_feedback and keys.feedback_negative is None:
        raise InputError(
            f"fn_feedback_field is {keys.feedback_field!r} and fn_feedback_negative is None; "
            f'fn_feedback_negative must say which values are negative, such as "<= 2"'
        )
    for name in _DEPENDENT if not keys.has_feedback else ():
        value = getattr(keys, f"feedback_{name}")
        if value != getattr(FeedbackKeys(), f"feedback_{name}"):
            raise InputError(
                f"fn_feedback_{name} is {value!r} and fn_feedback_field is None; fn_feedback_field "
                f"must be the column that it is about, such as rating"
            )
    if keys.feedback_inputs == "typed" and uses_model_loss:
        raise InputError(
            "fn_feedback_inputs is 'typed' and fn_loss is 'model', which reads no kinds; fn_loss "
            "must be another loss"
        )
    if keys.has_real_slots:
        _check_slots(keys, neg_num, uses_model_loss)


def _check_slots(keys: FeedbackKeys, neg_num: int | str, uses_model_loss: bool) -> None:
    if isinstance(neg_num, str):
        raise InputError(
            f"fn_feedback_targets is 'negative' and fn_neg_num is {neg_num!r}, so that every item "
            f"is compared already; fn_neg_num must be an integer, or fn_real_negative_loss "
            f"not_to_recommend"
        )
    if keys.real_negatives is not None and keys.real_negatives > neg_num:
        raise InputError(
            f"fn_real_negatives is {keys.real_negatives}; it must be at most fn_neg_num, which is "
            f"{neg_num}"
        )
    if uses_model_loss and keys.real_negative_weight != 1:
        raise InputError(
            f"fn_real_negative_weight is {keys.real_negative_weight} and fn_loss is 'model', which "
            f"has no weights; fn_real_negative_weight must be 1, or fn_loss another loss"
        )
