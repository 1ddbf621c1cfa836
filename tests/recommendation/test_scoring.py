"""Scores of large catalogues."""

import torch

from recbole_fn.recommendation.scoring import dot_products


def test_products_of_several_tiles_are_those_of_the_whole():
    chance = torch.Generator().manual_seed(3)
    table = torch.randn(9000, 16, generator=chance)
    states = torch.randn(5, 16, generator=chance)
    exact = states.double() @ table.double().t()
    torch.testing.assert_close(dot_products(states, table), exact.float())
