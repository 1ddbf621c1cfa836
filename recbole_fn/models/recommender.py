"""Extends RecBole's sequential models by what windowed training and score priors need."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch
import torch.nn.functional as F
from recbole.data.interaction import Interaction
from recbole.model.abstract_recommender import SequentialRecommender
from torch import Tensor

from recbole_fn.config.settings import FNSettings
from recbole_fn.config.switch import SwitchedOn
from recbole_fn.feedback.input_embedding import InputEmbedding, KindEmbedding
from recbole_fn.priors import PRIOR, Ends, ScorePrior
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.logits import item_norms, probability_to_logit
from recbole_fn.utils.recbole_types import Config, Dataset


class FNRecommender(SwitchedOn, SequentialRecommender):
    """Lets a sequential model of RecBole return all positions' encodings, and adds a prior.

    Attributes:
        fn_all_positions: While True, `gather_indexes` returns all positions instead of the last,
            and so does `forward` of a model that uses it: [entries, length, hidden].
        fn_prior: What is added to the scores of `full_sort_predict` and `predict`; None without
            `fn_prior`.
        fn_input_embedding: What is added to the item embeddings of histories
            (`fn_feedback_inputs: typed`); None for nothing.
        fn_is_cosine: Set if scores are cosines (`fn_score`), and saved with the weights, so that
            RecBole alone refuses them; None for dot products.
        fn_of_probabilities: Whether the model's own scores are probabilities, so that the prior
            is added to their logits; set before training, saved with the weights.

    Example:
        >>> class Model(FNRecommender):
        ...     def __init__(self): torch.nn.Module.__init__(self)
        >>> model, states, last = Model(), torch.zeros(2, 5, 8), torch.tensor([4, 1])
        >>> model.gather_indexes(states, last).shape
        torch.Size([2, 8])
        >>> model.fn_all_positions = True
        >>> model.gather_indexes(states, last).shape
        torch.Size([2, 5, 8])
    """

    fn_all_positions: bool = False
    fn_prior: ScorePrior | None  # no default here, which would hide the module of this name
    fn_input_embedding: InputEmbedding | None
    fn_is_cosine: Tensor | None
    fn_gives_own_scores: bool = False

    def __init__(self, config: Config, dataset: Dataset) -> None:
        super().__init__(config, dataset)
        # RecBole reads pretrained vectors as float64; KSR keeps its relations in it, and fails.
        for name, value in vars(self).items():
            if isinstance(value, Tensor) and value.dtype == torch.float64:
                setattr(self, name, value.to(torch.get_default_dtype()))
        self._fn_make_prior(config, dataset)
        settings = FNSettings.from_config(config.final_config_dict)
        is_typed = settings.enabled and settings.feedback_inputs == "typed"
        self.fn_input_embedding = self._fn_kinds(config, dataset) if is_typed else None
        is_cosine = settings.score == "cosine"
        self.register_buffer("fn_is_cosine", torch.tensor(True) if is_cosine else None)

    def _fn_make_prior(self, config: Config, dataset: Dataset) -> None:
        settings = FNSettings.from_config(config.final_config_dict)
        self.fn_prior = None
        if settings.prior is not None:
            prior = PRIOR.find(settings.prior)
            self.fn_prior = prior(dataset, PRIOR.read_args(prior, settings.prior_args, {}))
            self.register_buffer("fn_of_probabilities", torch.tensor(False))

    def _fn_kinds(self, config: Config, dataset: Dataset) -> InputEmbedding:
        table = getattr(self, "item_embedding", None)
        if not isinstance(table, torch.nn.Embedding):
            raise InputError(
                f"fn_feedback_inputs is 'typed', but {type(self).__name__} has no item_embedding; "
                f"fn_feedback_inputs must be positive or all"
            )
        return KindEmbedding.of(table, config, dataset)

    def fn_reading(self, interaction: Interaction) -> AbstractContextManager[None]:
        """Within the context, the histories of a batch are looked up with their kinds."""
        if self.fn_input_embedding is None:
            return nullcontext()
        history, name = interaction[self.ITEM_SEQ], type(self).__name__
        return self.fn_input_embedding.added_to(self.item_embedding, history, interaction, name)

    def gather_indexes(self, output: Tensor, gather_index: Tensor) -> Tensor:
        """Selects a position, [entries, hidden] of [entries, length, hidden], or all of them.

        Args:
            output: Encodings, shape [entries, length, hidden].
            gather_index: The position of each entry, shape [entries].
        """
        if self.fn_all_positions:
            return output
        selected: Tensor = super().gather_indexes(output, gather_index)
        return selected

    def full_sort_predict(self, interaction: Interaction) -> Tensor:
        """Scores of all items, [rows * num_items] or [rows, num_items], with the prior."""
        with self.fn_reading(interaction), self._fn_unit_states():
            scores: Tensor = super().full_sort_predict(interaction)
        if self.fn_gives_own_scores:
            return scores
        if self.fn_is_cosine is not None:
            scores = self._fn_by_row(scores, interaction)
            scores = scores / item_norms(self.item_embedding.weight)[: scores.shape[1]]
        if self.fn_prior is None:
            return scores
        scores = self._fn_by_row(self._fn_logits(scores), interaction)
        return scores + self.fn_prior.catalogue(self._fn_ends(interaction, self.fn_prior.depth))

    def predict(self, interaction: Interaction) -> Tensor:
        """The score of each row's item, [rows], with the prior."""
        with self.fn_reading(interaction), self._fn_unit_states():
            scores: Tensor = super().predict(interaction)
        if self.fn_gives_own_scores:
            return scores
        items = interaction[self.ITEM_ID].unsqueeze(1)  # [rows, 1]
        if self.fn_is_cosine is not None:
            scores = scores.view(-1) / item_norms(self.item_embedding(items.squeeze(1)))
        if self.fn_prior is None:
            return scores
        ends = self._fn_ends(interaction, self.fn_prior.depth)
        return self._fn_logits(scores).view(-1) + self.fn_prior.pairs(ends, items).squeeze(1)

    def _fn_by_row(self, scores: Tensor, interaction: Interaction) -> Tensor:
        # A shape, for `len` would be a constant in an ONNX graph.
        return scores.view(interaction[self.ITEM_SEQ].shape[0], -1)  # [rows, num_items]

    def _fn_logits(self, scores: Tensor) -> Tensor:
        return probability_to_logit(scores) if self.fn_of_probabilities else scores

    def _fn_ends(self, interaction: Interaction, depth: int) -> Ends:
        items, lengths = interaction[self.ITEM_SEQ], interaction[self.ITEM_SEQ_LEN]
        users = lengths.new_zeros(len(lengths))
        if self.USER_ID in interaction:
            users = interaction[self.USER_ID]
        return Ends.of(items, lengths, users, depth)

    @contextmanager
    def fn_own_scores(self) -> Iterator[None]:
        """Within the context, the model returns its own scores: no cosines, and no prior."""
        self.fn_gives_own_scores = True
        try:
            yield
        finally:
            self.fn_gives_own_scores = False

    @contextmanager
    def _fn_unit_states(self) -> Iterator[None]:
        """Within the context, `forward` returns unit vectors if scores are cosines."""
        if self.fn_is_cosine is None or self.fn_gives_own_scores:
            yield
            return
        forward: Callable[..., Tensor] = getattr(self, "forward")  # noqa: B009  the model's
        self.forward = lambda *args, **kwargs: F.normalize(forward(*args, **kwargs), dim=-1)
        try:
            yield
        finally:
            del self.forward
