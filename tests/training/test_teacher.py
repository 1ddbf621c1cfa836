"""The teacher equals the closed form of its average."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from recbole_fn.training.teacher import EMATeacher, warmed_up_decay
from tests.helpers.reference import ReferenceTeacher


def small_model():
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))


def test_the_decay_warms_up():
    assert warmed_up_decay(0.999, 1) == 2 / 11
    assert warmed_up_decay(0.999, 8) == 0.5
    assert warmed_up_decay(0.999, 10**6) == 0.999
    assert warmed_up_decay(0.0, 5) == 0.0


@given(st.floats(0, 0.999), st.integers(0, 6), st.integers(0, 1000))
@settings(max_examples=50, deadline=None)
def test_equals_the_reference_step_by_step(decay, steps, seed):
    torch.manual_seed(seed)
    model = small_model().double()
    parameters = list(model.parameters())
    reference = ReferenceTeacher([p.flatten().tolist() for p in parameters], decay)
    teacher = EMATeacher(model, decay)
    for _ in range(steps):
        for parameter in parameters:
            parameter.data = torch.randn_like(parameter)
        teacher.update()
        reference.update([p.flatten().tolist() for p in parameters])
    with teacher.average_parameters():
        weights = [p.flatten().tolist() for p in model.parameters()]
    for ours, theirs in zip(weights, reference.weights, strict=False):
        assert ours == pytest.approx(theirs, abs=1e-12)


def test_a_constant_student_is_approached_by_the_product_of_decays():
    model = nn.Linear(1, 1, bias=False)
    model.weight.data.fill_(1.0)
    teacher = EMATeacher(model, 0.3)
    model.weight.data.fill_(0.0)
    for _ in range(4):
        teacher.update()
    with teacher.average_parameters():
        weight = model.weight.item()
    assert weight == pytest.approx((2 / 11) * (3 / 12) * 0.3 * 0.3)


def test_the_context_lends_the_weights_and_takes_them_back_even_after_an_error():
    model = small_model()
    teacher = EMATeacher(model, 0.9)
    before = [p.clone() for p in model.parameters()]
    for parameter in model.parameters():
        parameter.data.add_(1.0)
    with pytest.raises(RuntimeError), teacher.average_parameters():
        assert all(map(torch.equal, model.parameters(), before))
        raise RuntimeError
    assert all(torch.equal(p, b + 1.0) for p, b in zip(model.parameters(), before, strict=False))


def test_the_optimizer_goes_on_with_the_same_parameters_after_the_context():
    model = nn.Linear(2, 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    teacher = EMATeacher(model, 0.9)
    with torch.no_grad(), teacher.average_parameters():
        model(torch.ones(1, 2))
    before = model.weight.clone()
    model(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    assert not torch.equal(before, model.weight)
    with teacher.average_parameters():
        assert torch.equal(before, model.weight)


def test_buffers_follow_the_student():
    model = small_model()
    teacher = EMATeacher(model, 0.999)
    model(torch.randn(8, 3))
    moved = model[1].running_mean.clone()
    teacher.update()
    with teacher.average_parameters():
        assert torch.equal(model[1].running_mean, moved)


class Sharing(nn.Module):
    """Two layers that share a buffer and a parameter."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(1, 1), nn.Linear(1, 1)
        self.second.weight = self.first.weight
        for layer in (self.first, self.second):
            layer.register_buffer("count", torch.zeros(1) if layer is self.first else None)
        self.second.count = self.first.count


def test_what_modules_share_is_exchanged_once():
    model = Sharing()
    teacher = EMATeacher(model, 0.9)
    weight = model.first.weight.clone()
    model.first.count += 5
    model.first.weight.data += 1
    with teacher.average_parameters():
        assert model.first.count.item() == model.second.count.item() == 0
        assert torch.equal(model.second.weight, weight)
    assert model.first.count.item() == model.second.count.item() == 5
    assert torch.equal(model.second.weight, weight + 1)
    teacher.update()
    assert teacher.state_dict()["weights"]["first.count"].item() == 5


def test_a_loaded_state_goes_on_as_the_saved_one():
    model = small_model()
    teacher = EMATeacher(model, 0.9)
    for parameter in model.parameters():
        parameter.data.add_(1.0)
    teacher.update()
    loaded = EMATeacher(model, 0.9)
    loaded.load_state_dict(teacher.state_dict())
    for each in (teacher, loaded):
        each.update()
    ours, theirs = teacher.state_dict()["weights"], loaded.state_dict()["weights"]
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_a_state_of_another_model_is_refused():
    with pytest.raises(ValueError, match="another model"):
        EMATeacher(nn.Linear(2, 1), 0.9).load_state_dict(
            EMATeacher(small_model(), 0.9).state_dict()
        )
