"""A pass that teaches nothing leaves a batch norm as it was, and returns the same."""

import pytest
import torch
from torch import nn

from recbole_fn.losses.base import LossContext
from recbole_fn.losses.model_loss import ModelLoss
from recbole_fn.scoring.still import still_statistics
from tests.helpers.runs import pieces

DIN = {"mlp_hidden_size": [8], "epochs": 1, "fn_strategy": "off"}


def statistics(model):
    return {name: value.clone() for name, value in model.named_buffers() if "running" in name}


@pytest.mark.parametrize("learns", [True, False])
@pytest.mark.parametrize("mode", [True, False])
def test_a_pass_without_gradient_returns_the_same_and_moves_nothing(learns, mode):
    model = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 2), nn.BatchNorm1d(2)).train(mode)
    other = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 2), nn.BatchNorm1d(2)).train(mode)
    other.load_state_dict(model.state_dict())
    before, values = statistics(model), torch.randn(7, 3)
    with torch.set_grad_enabled(learns), still_statistics(model):
        assert torch.equal(model(values), other(values))
    expected = statistics(other) if learns else before
    assert all(torch.equal(value, expected[name]) for name, value in statistics(model).items())
    assert all(layer.track_running_stats for layer in (model[0], model[2]))


@pytest.mark.parametrize("sampler", ["uniform", "dns", "srns"])
@pytest.mark.parametrize("model", ["DIN", "DIEN"])
def test_scoring_a_pool_moves_no_statistics(model, sampler):
    run = pieces(model, **DIN, fn_sampler=sampler)
    run.trainer.fit(run.train_data, None, verbose=False, saved=False)
    moves = [int(value) for name, value in run.model.named_buffers() if "num_batches" in name]
    assert moves and set(moves) == {run.trainer.fn_step.steps}


def test_a_trial_of_the_models_own_loss_moves_no_statistics():
    run = pieces("DIN", **DIN, fn_loss="model")
    run.trainer.fn_prepare(run.train_data)
    before = statistics(run.model.train())
    loss = ModelLoss(LossContext(run.model, run.dataset.item_num, 8, "label"), ModelLoss.Args())
    rows = run.trainer.fn_step.batching.rows(next(iter(run.trainer.fn_loader)))
    loss.require_leaving_out(rows)
    assert all(torch.equal(value, before[name]) for name, value in statistics(run.model).items())
