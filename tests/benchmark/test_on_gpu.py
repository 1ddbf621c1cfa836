"""What is measured on a GPU, as far as a processor can tell."""

from itertools import count

import pytest
import torch

from recbole_fn.benchmark import on_gpu
from recbole_fn.cli.benchmark_options import read_options
from recbole_fn.cli.dispatch import main


def test_without_a_gpu_it_ends_with_one_line(monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert main(["benchmark", "--gpu", "--dataset=tiny"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: --gpu needs a GPU")


def test_mixed_precision_is_bfloat16_on_both_sides(monkeypatch, root):
    seen = []

    def configured(options, **keys):
        seen.append((keys.get("loss_type", "ours"), keys["enable_amp"]))
        return original(options, **keys)

    original = on_gpu.config_of
    monkeypatch.setattr(on_gpu, "config_of", configured)
    ticks = count()
    monkeypatch.setattr(on_gpu, "clock", lambda: lambda: next(ticks))
    options = read_options(["--gpu", "GRU4Rec", "--quick", "--dataset=tiny"])
    options.data_path = str(root / "dataset")
    single, half = on_gpu.measure_gpu(options)
    assert (single.precision, half.precision) == ("float32", "bfloat16")
    sides = ["ours", "BPR", "CE"]
    assert seen == [(side, amp) for amp in (False, True) for side in sides]
    assert single.waits == 0 and single.busy == 0  # there is no GPU
    assert single.bpr > 0 and single.ce > 0


def test_the_type_of_mixed_precision_is_as_it_was_afterwards():
    before = torch.get_autocast_dtype("cuda"), torch.get_autocast_dtype("cpu")
    with pytest.raises(KeyError), on_gpu.half_type(torch.float16):
        assert torch.get_autocast_dtype("cpu") == torch.float16
        raise KeyError
    assert (torch.get_autocast_dtype("cuda"), torch.get_autocast_dtype("cpu")) == before


def test_only_waits_count():
    events = [("aten::item", 3), ("cudaStreamSynchronize", 4), ("cudaEventSynchronize", 1)]
    assert on_gpu.waits_in(events) == 5
