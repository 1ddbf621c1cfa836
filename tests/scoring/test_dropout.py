"""Dropout from 16 bits a number: chances, scale, gradient; and modules are put back."""

import pytest
import torch
from torch import nn

from recbole_fn.scoring.dropout import FastDropoutScorer, fast_dropout
from tests.helpers.runs import fit, pieces


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_chances_and_scale(p):
    torch.manual_seed(1)
    values = torch.full((1001, 333), 3.0, requires_grad=True)
    dropped = fast_dropout(values, p)
    is_zero = dropped == 0
    count = values.numel()
    assert float(is_zero.float().mean()) == pytest.approx(p, abs=5 * (p * (1 - p) / count) ** 0.5)
    assert float(dropped.detach().max()) == pytest.approx(3 / (1 - p), rel=1e-3)
    dropped.sum().backward()
    assert torch.equal(values.grad == 0, is_zero)
    assert float(values.grad.max()) == pytest.approx(1 / (1 - p), rel=1e-3)


def test_numbers_that_lie_side_by_side_are_dropped_independently():
    torch.manual_seed(2)
    kept = (fast_dropout(torch.ones(400_000), 0.5) > 0).double()
    for distance in (1, 2, 3, 4):
        together = float((kept[distance:] * kept[:-distance]).mean())
        assert together == pytest.approx(0.25, abs=0.005)


@pytest.mark.parametrize(("p", "value"), [(0.0, 1.0), (1.0, 0.0)])
def test_nothing_or_all_is_dropped(p, value):
    assert torch.equal(fast_dropout(torch.ones(5), p), torch.full((5,), value))


def test_layers_are_themselves_again_even_after_an_error():
    class Fails:
        name = "fails"

        def encode(self, model, batch):
            raise RuntimeError

    model = nn.Sequential(nn.Dropout(0.5))
    with pytest.raises(RuntimeError):
        FastDropoutScorer(Fails(), model).encode(model, None)
    assert "forward" not in vars(model[0])


@pytest.mark.slow
def test_a_run_without_dropout_gives_the_same_numbers_and_one_with_it_trains():
    keys = {"hidden_dropout_prob": 0.0, "attn_dropout_prob": 0.0}
    plain, fast = pieces(**keys), pieces(**keys, fn_fast_dropout=True)
    assert fit(plain) == fit(fast)
    dropping = pieces(fn_fast_dropout=True)
    fit(dropping)
    losses = list(dropping.trainer.train_loss_dict.values())
    assert losses != list(fast.trainer.train_loss_dict.values())
