"""What holds on a processor holds on a GPU; run with `-m gpu` where there is one."""

import math

import pytest
import torch

from recbole_fn.data.loaders import sampler_of
from tests.checkpoint.test_last import ended, stopped_file
from tests.helpers.runs import NO_DROPOUT, fit, pieces
from tests.negatives.test_every_sampler import NAMES, keys_of

ON_GPU = {"use_gpu": True, "gpu_id": "0"}
NOTHING_DRAWN = {
    **NO_DROPOUT,
    "dropout_probs": [0.0, 0.0],  # NARM's
    "fn_neg_num": "all",
    "fn_loss": "softmax",
    "fn_memory_slots": 4,
}
NEAR = 1e-3  # sums are in another order there

pytestmark = pytest.mark.gpu


def on_gpu(**keys):
    """A run on the GPU."""
    run = pieces(**keys, **ON_GPU)
    assert run.config["device"].type == "cuda"
    return run


@pytest.mark.parametrize("strategy", ["off", "flip", "soft"])
@pytest.mark.parametrize("model", ["SASRec", "GRU4Rec", "NARM"])
def test_losses_are_those_of_a_processor(model, strategy):
    keys = {**NOTHING_DRAWN, "model": model, "fn_strategy": strategy, "learning_rate": 0.001}
    slow, fast = pieces(**keys, use_gpu=False), on_gpu(**keys)
    (slow_score, _), (fast_score, _) = fit(slow), fit(fast)
    losses = list(slow.trainer.train_loss_dict.values())
    assert list(fast.trainer.train_loss_dict.values()) == pytest.approx(losses, rel=NEAR)
    assert fast_score == pytest.approx(slow_score, rel=0.05)


@pytest.mark.parametrize("name", NAMES)
def test_every_sampler_trains(name):
    run = on_gpu(**keys_of(name))
    fit(run)
    assert all(math.isfinite(loss) for loss in run.trainer.train_loss_dict.values())
    harder = run.trainer.fn_state.figures[2]["hard"] > 0
    assert harder or name == "semi_hard"  # its negatives are below the target


@pytest.mark.parametrize("keys", [{}, {"fn_batching": "prefix"}, {"model": "NARM"}], ids=str)
def test_a_stopped_run_goes_on_to_the_same_scores(keys):
    keys = {**keys, **ON_GPU, "train_batch_size": 128, "checkpoint_dir": "whole"}
    whole = ended(pieces(**keys))
    run = pieces(**{**keys, "checkpoint_dir": "parts"})
    run.trainer.resume_checkpoint(stopped_file(**{**keys, "checkpoint_dir": "parts"}))
    assert ended(run)[2][0] == pytest.approx(whole[2][0], rel=0.05)


def test_draws_need_nothing_of_the_processor():
    run = on_gpu(**keys_of("uniform"))
    columns = run.train_data.dataset.inter_feat
    users, items = (columns[field].to("cuda") for field in ("user_id", "item_id"))
    drawn = sampler_of(run.train_data).draw(users, items, 5)
    assert drawn.device.type == "cuda" and torch.equal(drawn, drawn.clamp(1))
