"""Products with large catalogues, taken in tiles, are those of the whole."""

import pytest
import torch
from recbole.model.sequential_recommender import SASRec

from recbole_fn.scoring import products
from recbole_fn.scoring.products import dot_products
from tests.helpers.runs import fit, pieces


def test_products_of_several_tiles_are_those_of_the_whole(monkeypatch):
    monkeypatch.setattr(products, "_LARGE", 1000)
    chance = torch.Generator().manual_seed(3)
    table = torch.randn(9000, 16, generator=chance)
    states = torch.randn(5, 16, generator=chance)
    exact = states.double() @ table.double().t()
    torch.testing.assert_close(dot_products(states, table), exact.float())


SASRECS = {  # what RecBole's file of SASRec sets
    **{"loss_type": "CE", "train_neg_sample_args": None, "n_layers": 1, "n_heads": 2},
    **{"hidden_dropout_prob": 0.5, "attn_dropout_prob": 0.5, "hidden_act": "gelu"},
    **{"layer_norm_eps": 1e-12, "initializer_range": 0.02},
}


class Biased(SASRec):
    """Ranks by more than a dot product once it has counted something."""

    def __init__(self, config, dataset):
        super().__init__(config, dataset)
        self.register_buffer("counts", torch.zeros(dataset.item_num))

    def full_sort_predict(self, interaction):
        return super().full_sort_predict(interaction) + self.counts


@pytest.fixture
def taken(monkeypatch):
    """The products that were taken in tiles; every catalogue is a large one."""
    monkeypatch.setattr(products, "_LARGE", 10)
    monkeypatch.setattr(products, "_TILE", 7)
    taken = []

    def counted(*parts):
        taken.append(parts)
        return dot_products(*parts)

    monkeypatch.setattr(products, "dot_products", counted)
    return taken


@pytest.mark.parametrize(
    ("model", "more", "pays"),
    [
        ("SASRec", {}, True),
        ("SASRec", {"fn_prior": "followers"}, False),  # its scores are no products alone
        ("tests.scoring.test_products:Biased", SASRECS, False),
    ],
)
def test_a_run_with_a_large_catalogue_has_the_same_metrics(model, more, pays, taken, monkeypatch):
    run = pieces(model, epochs=2, **more)
    fit(run)
    if "Biased" in model:
        run.model.counts += torch.arange(len(run.model.counts))
    metrics = run.trainer.evaluate(run.test_data, load_best_model=False)
    assert bool(taken) == pays and "full_sort_predict" not in vars(run.model)
    monkeypatch.setattr(products, "_LARGE", 1 << 16)
    assert run.trainer.evaluate(run.test_data, load_best_model=False) == metrics


def test_extraction_waits_for_popularity_with_a_large_catalogue_too(taken, monkeypatch):
    """The scores of popular items stand in for the model's at the first validation."""
    runs = []
    for large in (10, 1 << 16):
        monkeypatch.setattr(products, "_LARGE", large)
        runs.append(pieces(epochs=2, fn_start="auto"))
        fit(runs[-1])
    assert taken
    first, second = (vars(run.trainer.fn_state) for run in runs)
    assert str(first) == str(second)


def test_a_model_in_16_bits_is_left_alone(taken):
    run = pieces("GRU4Rec", epochs=1)
    fit(run)
    taken.clear()
    run.model.to(torch.bfloat16)
    assert run.trainer.evaluate(run.test_data, load_best_model=False)
    assert not taken
