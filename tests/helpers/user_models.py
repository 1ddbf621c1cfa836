"""Model classes as users write them: outside RecBole's tree, with keys of their own."""

import torch
from recbole.data.interaction import Interaction
from recbole.model.abstract_recommender import SequentialRecommender
from recbole.utils import InputType
from torch import nn


class MeanModel(SequentialRecommender):
    """Scores by a dot product: the mean of the history times the item."""

    input_type = InputType.POINTWISE

    def __init__(self, config, dataset):
        super().__init__(config, dataset)
        self.item_embedding = nn.Embedding(self.n_items, config["mean_size"] or 16, padding_idx=0)
        self.dense = nn.Linear(self.item_embedding.embedding_dim, self.item_embedding.embedding_dim)

    def forward(self, item_seq, item_seq_len):
        total = self.item_embedding(item_seq).sum(1)
        return self.dense(total / item_seq_len.unsqueeze(1))

    def calculate_loss(self, interaction):
        logits = self.full_sort_predict(interaction)
        return nn.functional.cross_entropy(logits, interaction[self.POS_ITEM_ID])

    def predict(self, interaction):
        item = self.item_embedding(interaction[self.ITEM_ID])
        return (self.states(interaction) * item).sum(1)

    def full_sort_predict(self, interaction):
        return self.states(interaction) @ self.item_embedding.weight.t()

    def states(self, interaction):
        return self.forward(interaction[self.ITEM_SEQ], interaction[self.ITEM_SEQ_LEN])


class PairModel(MeanModel):
    """Scores by no dot product: a small network looks at the history and the item together."""

    def __init__(self, config, dataset):
        super().__init__(config, dataset)
        size = self.item_embedding.embedding_dim
        self.scorer = nn.Sequential(nn.Linear(2 * size, size), nn.ReLU(), nn.Linear(size, 1))

    def predict(self, interaction):
        item = self.item_embedding(interaction[self.ITEM_ID])
        return self.scorer(torch.cat([self.states(interaction), item], 1)).squeeze(1)

    def full_sort_predict(self, interaction):
        states, items = self.states(interaction), self.item_embedding.weight
        shape = (len(states), len(items), -1)
        pairs = [states.unsqueeze(1).expand(shape), items.unsqueeze(0).expand(shape)]
        return self.scorer(torch.cat(pairs, 2)).squeeze(2)


class HourModel(MeanModel):
    """Is causal, and reads a column of the row to score beside the history."""

    column = "hour"

    def __init__(self, config, dataset):
        super().__init__(config, dataset)
        size = self.item_embedding.embedding_dim
        field = self.column.removesuffix(config["LIST_SUFFIX"])
        self.of_column = nn.Embedding(dataset.num(field), size)
        self.gru = nn.GRU(size, size, batch_first=True)

    def forward(self, item_seq, item_seq_len, value):
        column = self.of_column(value)
        column = column if value.dim() > 1 else column.unsqueeze(1)
        states, _ = self.gru(self.item_embedding(item_seq) + column)
        return self.gather_indexes(states, item_seq_len - 1)

    def states(self, interaction):
        history = interaction[self.ITEM_SEQ], interaction[self.ITEM_SEQ_LEN]
        return self.forward(*history, interaction[self.column])


class AgeModel(HourModel):
    """The same with a feature of the user, which all rows of a window share."""

    column = "age"


class HoursModel(HourModel):
    """The same with a list of the history's values, which grows with it."""

    column = "hour_list"


class PriceModel(MeanModel):
    """Scores pairs of a row and an item, by the item's price too; its own loss is pairwise."""

    input_type = InputType.PAIRWISE

    def __init__(self, config, dataset):
        super().__init__(config, dataset)
        self.of_price = nn.Parameter(torch.tensor(3.0))
        self.LABEL, self.seen = config["LABEL_FIELD"], []

    def predict(self, interaction):
        return super().predict(interaction) + self.of_price * interaction["price"]

    def full_sort_predict(self, interaction):
        raise NotImplementedError

    def negative(self, interaction):
        other = {name: interaction["neg_" + name] for name in ("price", self.ITEM_ID)}
        return Interaction({**interaction.interaction, **other})

    def calculate_loss(self, interaction):
        self.seen.append(interaction)
        other = self.predict(self.negative(interaction))
        return -nn.functional.logsigmoid(self.predict(interaction) - other).mean()


class LabelledPriceModel(PriceModel):
    """The same with a pointwise loss."""

    input_type = InputType.POINTWISE

    def calculate_loss(self, interaction):
        scores, labels = self.predict(interaction), interaction[self.LABEL]
        self.seen.append(interaction)
        return nn.functional.binary_cross_entropy_with_logits(scores, labels)
