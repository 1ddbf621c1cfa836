"""Products with large catalogues, taken in tiles, are those of the whole."""

import pytest
import torch

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


@pytest.mark.parametrize("more", [{}, {"fn_prior": "followers"}])
def test_a_run_with_a_large_catalogue_has_the_same_metrics(more, monkeypatch):
    run = pieces(epochs=1, **more)
    fit(run)
    model, loader = run.model, run.test_data
    expected = run.trainer.evaluate(loader, load_best_model=False)
    monkeypatch.setattr(products, "_LARGE", 10)
    monkeypatch.setattr(products, "_TILE", 7)
    taken = []

    def counted(*parts):
        taken.append(parts)
        return dot_products(*parts)

    monkeypatch.setattr(products, "dot_products", counted)
    assert run.trainer.evaluate(loader, load_best_model=False) == expected
    assert bool(taken) != bool(more)  # a prior's scores are no products alone
    assert "full_sort_predict" not in vars(model)
