"""Mixed precision trains, and its losses are near those of single precision."""

import pytest
import torch

import recbole_fn
from tests.helpers.runs import NO_DROPOUT, ON, SMALL, fit, pieces

KEYS = {**NO_DROPOUT, "fn_start": 1, "fn_flip_after": 0, "epochs": 3, "learning_rate": 0.001}
CASES = {
    "more candidates than items": {"fn_neg_num": 300},
    "fewer": {"fn_neg_num": 8},
    "windows": {"model": "GRU4Rec", "fn_batching": "sequence"},
    "full sort": {"model": "NARM"},
    "predict": {"model": "FPMC"},
    "softmax": {"fn_loss": "softmax", "fn_strategy": "soft"},
    "catalogue": {"fn_loss": "softmax", "fn_neg_num": "all", "fn_memory_slots": 4},
    "bpr": {"fn_loss": "bpr", "fn_strategy": "drop"},
    "the model's": {"fn_loss": "model"},
}


@pytest.mark.slow
@pytest.mark.parametrize("half", [torch.bfloat16, torch.float16], ids=["bfloat16", "float16"])
@pytest.mark.parametrize("case", CASES)
def test_losses_are_those_of_single_precision_within_the_precision(case, half):
    assert_near(case, half, "cpu")


@pytest.mark.gpu
@pytest.mark.parametrize("half", [torch.bfloat16, torch.float16], ids=["bfloat16", "float16"])
@pytest.mark.parametrize("case", CASES)
def test_so_they_are_on_a_gpu(case, half):
    assert_near(case, half, "cuda", use_gpu=True, gpu_id="0")


def assert_near(case, half, device, **keys):
    before = torch.get_autocast_dtype(device)
    torch.set_autocast_dtype(device, half)
    try:
        keys = {**KEYS, **CASES[case], **keys}
        exact = pieces(**keys)
        mixed = pieces(**keys, enable_amp=True, enable_scaler=True)
        assert mixed.trainer.enable_amp
        fit(exact)
        fit(mixed)
    finally:
        torch.set_autocast_dtype(device, before)
    losses = list(exact.trainer.train_loss_dict.values())
    assert list(mixed.trainer.train_loss_dict.values()) == pytest.approx(losses, rel=0.05)
    assert mixed.trainer.train_loss_dict[0] == pytest.approx(losses[0], rel=0.01)
    assert mixed.trainer.fn_state.figures[2]["hard"] > 0


@pytest.mark.slow
def test_a_model_that_cannot_run_in_mixed_precision_ends_with_a_line():
    keys = {**SMALL, **ON, "enable_amp": True}  # RecBole's own RepeatNet mixes types in a scatter
    with pytest.raises(recbole_fn.InputError, match="the training is not usable: .*dtype") as error:
        recbole_fn.run_recbole_fn("RepeatNet", "tiny", config_dict=keys)
    assert "\n" not in str(error.value)
