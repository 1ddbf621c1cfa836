"""A sequential data set whose interactions have kinds; validation and test have positive targets.

RecBole splits the positive rows alone, so that every setting of `fn_feedback_targets` and
`fn_feedback_inputs` validates and tests on the same targets.
"""

import torch
from recbole.utils import FeatureSource, FeatureType
from torch import Tensor

from recbole_fn.config.settings import FNSettings
from recbole_fn.data.prefixes import FNSequentialDataset, PrefixInteraction
from recbole_fn.feedback.kinds import KIND_FIELD, codes, log_counts
from recbole_fn.feedback.log import FeedbackLog
from recbole_fn.feedback.real_negatives import RealNegatives
from recbole_fn.feedback.rows import Rows, make_rows, split_targets
from recbole_fn.utils.recbole_types import Dataset, Interaction

PLACE_FIELD = "fn_place"


class FeedbackDataset(FNSequentialDataset):
    """A sequential data set with `fn_feedback_field`.

    Attributes:
        fn_log: All interactions in order. Column `fn_place` says which one is a row's target.
        fn_source_users: The user of each interaction that histories read, shape [read].

    Example:
        RecBole makes it once the package is registered and `fn_feedback_field` is set:

        >>> feedback_run.dataset.fn_log.kinds[:5]
        tensor([-1, -1,  0,  1,  1], dtype=torch.int8)
        >>> rows = feedback_run.valid_data.dataset[:3]
        >>> feedback_run.dataset.fn_log.kinds[rows["fn_place"]]  # targets are positive
        tensor([1, 1, 1], dtype=torch.int8)
    """

    fn_log: FeedbackLog
    fn_source_users: Tensor
    _everything: PrefixInteraction | None = None

    def data_augmentation(self) -> None:
        """Makes a row of each positive interaction but a user's first."""
        self._aug_presets()
        self.set_field_property(PLACE_FIELD, FeatureType.TOKEN, FeatureSource.INTERACTION, 1)
        self._check_field("uid_field", "time_field")
        self.sort(by=[self.uid_field, self.time_field], ascending=True)
        rows, settings = self.inter_feat, FNSettings.from_config(self.config.final_config_dict)
        kinds = codes(self.field2id_token[KIND_FIELD], rows[KIND_FIELD])
        log_counts(str(settings.feedback_field), kinds)
        self.fn_log = log = FeedbackLog(rows[self.uid_field], rows[self.iid_field], kinds)
        is_read = log.is_positive
        if settings.feedback_inputs != "positive":
            is_read = torch.ones_like(is_read)
        self.fn_source_users = log.users[is_read]
        if settings.feedback_targets == "ignore":
            every = make_rows(log.users, torch.ones_like(is_read), is_read)
            self._everything = self._rows(every, is_read)
            times = self._values(self.time_field)[every.targets]  # RecBole does not split these
            self._everything.interaction[self.time_field] = times
        targets = split_targets(log.users, log.is_positive)
        self.inter_feat = self._rows(make_rows(log.users, targets, is_read), is_read)

    def _rows(self, rows: Rows, is_read: Tensor) -> PrefixInteraction:
        plain = {field: self.inter_feat[field][rows.targets] for field in self.inter_feat}
        plain[PLACE_FIELD] = rows.targets
        return self._with_lists(plain, rows.ends, rows.lengths, is_read)

    def build(self) -> list[Dataset]:
        """Splits the positive rows; with `fn_feedback_targets: ignore`, adds others to training.

        Those are rows of any kind that are not later than the user's last target of training.
        """
        splits: list[Dataset] = super().build()
        every = self._everything
        if every is not None:
            chosen = self.fn_log.until(splits[0].inter_feat[PLACE_FIELD])[every[PLACE_FIELD]]
            splits[0].inter_feat = every[chosen.nonzero().squeeze(1)]
        for part in (self, *splits):
            part.__dict__.pop("_everything", None)
        return splits

    def fn_pairs(self) -> Tensor:
        """The items of each user up to the last target, of every kind: see `FeedbackLog.pairs`."""
        return self.fn_log.pairs(self.fn_log.until(self.inter_feat[PLACE_FIELD]), self.item_num)

    def fn_positive_pairs(self) -> Tensor:
        """The positive ones among `fn_pairs`."""
        log = self.fn_log
        chosen = log.is_positive & log.until(self.inter_feat[PLACE_FIELD])
        return log.pairs(chosen, self.item_num)

    def fn_items_before(self, rows: Interaction) -> tuple[Tensor, Tensor]:
        """The user's items before the target of each row, of every kind: `FeedbackLog.before`."""
        return self.fn_log.before(rows[PLACE_FIELD])

    def fn_real_negatives(self) -> RealNegatives:
        """The real negatives of a training set without rows of other kinds."""
        return RealNegatives.of(self.fn_log, self.inter_feat[PLACE_FIELD], self.item_num)
