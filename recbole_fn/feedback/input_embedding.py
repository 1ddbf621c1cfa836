"""What is added to the item embeddings of a history; candidates keep the plain table."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from recbole_fn.feedback.kinds import KIND_FIELD
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Config, Dataset, Interaction, Model


class InputEmbedding(nn.Module, ABC):
    """A learned vector for each item of a history, added to what `item_embedding` returns for it.

    Example:
        >>> class Ones(InputEmbedding):
        ...     def forward(self, interaction):
        ...         return torch.ones(1, 2, 3)
        >>> table = nn.Embedding.from_pretrained(torch.zeros(9, 3))
        >>> history = torch.tensor([[4, 5]])
        >>> with Ones().added_to(table, history, {"items": history}, "A model"):
        ...     table(history).sum(), table(torch.tensor([[4, 5]])).sum()  # another tensor
        (tensor(6.), tensor(0.))
    """

    @abstractmethod
    def forward(self, interaction: Interaction) -> Tensor:
        """The vectors of a batch's histories: [entries, length, hidden]."""

    @contextmanager
    def added_to(
        self, table: nn.Module, history: Tensor, interaction: Interaction, model_name: str
    ) -> Iterator[None]:
        """Within the context, looking up the history in the table adds the vectors.

        Args:
            table: The model's `item_embedding`.
            history: The tensor of the batch's histories, shape [entries, length].
            interaction: The batch.
            model_name: The model, for the message.

        Raises:
            InputError: if nothing has looked up the history by the end of the context.
        """
        lookups = 0

        def add(_: nn.Module, args: tuple[Tensor, ...], output: Tensor) -> Tensor:
            nonlocal lookups
            if not _is_same(args[0], history):
                return output
            lookups += 1
            vectors: Tensor = self(interaction)
            return output + vectors

        handle = table.register_forward_hook(add)
        try:
            yield
        finally:
            handle.remove()
        if lookups == 0:
            raise InputError(
                f"fn_feedback_inputs is 'typed', but {model_name} does not look up its histories "
                f"in item_embedding; fn_feedback_inputs must be positive or all"
            )


class KindEmbedding(InputEmbedding):
    """A vector for each kind of feedback: positive, neutral and negative.

    It begins with zeros, so that an untrained model scores as one without it.

    Args:
        tokens: The kinds by id, the padding's first.
        hidden: Size of the item embeddings.
        field: The field of a batch with the kinds of the histories.

    Example:
        >>> kinds = KindEmbedding(["[PAD]", "positive", "negative"], hidden=2, field="kinds")
        >>> kinds({"kinds": torch.tensor([[1, 2, 0]])}).shape
        torch.Size([1, 3, 2])
    """

    def __init__(self, tokens: list[str], hidden: int, field: str) -> None:
        super().__init__()
        self.tokens, self.field = tokens, field
        self.table = nn.Embedding.from_pretrained(
            torch.zeros(len(tokens), hidden), freeze=False, padding_idx=0
        )

    @classmethod
    def of(cls, table: nn.Embedding, config: Config, dataset: Dataset) -> "KindEmbedding":
        """The embedding of a model's data set.

        Args:
            table: The model's `item_embedding`.
            config: RecBole's configuration.
            dataset: The training set.
        """
        tokens = [str(token) for token in dataset.field2id_token[KIND_FIELD]]
        return cls(tokens, table.weight.shape[1], KIND_FIELD + config["LIST_SUFFIX"])

    def forward(self, interaction: Interaction) -> Tensor:
        """The vectors of the kinds of a batch's histories: [entries, length, hidden]."""
        if self.field not in interaction:
            raise InputError(
                "fn_feedback_inputs is 'typed', and these histories have no kinds; they must be "
                "those of the data set"
            )
        vectors: Tensor = self.table(interaction[self.field])
        return vectors

    def vectors(self) -> dict[str, list[float]]:
        """The vector of each kind, of numbers of Python.

        Example:
            >>> KindEmbedding(["[PAD]", "positive"], hidden=2, field="kinds").vectors()
            {'positive': [0.0, 0.0]}
        """
        vectors: list[list[float]] = self.table.weight.detach().tolist()
        return dict(zip(self.tokens[1:], vectors[1:], strict=True))

    def cosines(self) -> dict[tuple[str, str], float]:
        """The cosine of the angle between each two kinds.

        Example:
            >>> kinds = KindEmbedding(["[PAD]", "positive", "negative"], hidden=2, field="kinds")
            >>> kinds.table.weight.data[1:] = torch.tensor([[1.0, 0.0], [-1.0, 0.0]])
            >>> kinds.cosines()
            {('positive', 'negative'): -1.0}
        """
        unit = nn.functional.normalize(self.table.weight.detach(), dim=1)
        return {
            (self.tokens[a], self.tokens[b]): float(unit[a] @ unit[b])
            for a in range(1, len(unit))
            for b in range(a + 1, len(unit))
        }


def kind_vectors(model: Model) -> dict[str, list[float]] | None:
    """The vectors of the kinds that a model has learned; None without typed inputs.

    Example:
        >>> kind_vectors(nn.Linear(1, 1)) is None
        True
    """
    embedding = getattr(model, "fn_input_embedding", None)
    return embedding.vectors() if isinstance(embedding, KindEmbedding) else None


def _is_same(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors are the same memory, and not only equal."""
    return one.shape == other.shape and one.data_ptr() == other.data_ptr()
