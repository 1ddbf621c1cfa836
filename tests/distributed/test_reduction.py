"""The mean over ranks is that of all terms, and so is its gradient."""

import pytest
import torch

from recbole_fn.distributed.group import Group
from recbole_fn.distributed.reduction import mean_over_ranks
from recbole_fn.losses.bce import bce_loss
from recbole_fn.losses.bpr import bpr_loss
from recbole_fn.losses.softmax import softmax_loss


class Hearing(Group):
    """A rank that is told what the others have."""

    def gather_equal(self, tensor):
        object.__setattr__(self, "sent", tensor)
        return torch.cat(getattr(self, "everybody", [tensor] * self.size))


def over_ranks(terms):
    """Means of each rank's terms as all ranks report them, and their gradients averaged."""
    means = []
    ranks = [Hearing(rank, len(terms)) for rank in range(len(terms))]
    for _ in range(2):  # first to hear what each says
        means = []
        for rank, own in zip(ranks, terms, strict=False):
            mean = own.mean() if len(own) else own.new_zeros(())
            means.append(mean_over_ranks(rank, mean, len(own)))
        everybody = [rank.sent for rank in ranks]
        for rank in ranks:
            object.__setattr__(rank, "everybody", everybody)
    return means


def test_ranks_with_unequally_many_terms_report_one_mean_and_average_to_its_gradient():
    weight = torch.tensor(1.5, requires_grad=True)
    values = torch.tensor([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
    parts = [values[:3], values[3:4], values[4:4], values[4:]]
    means = over_ranks([(weight * part) ** 2 for part in parts])
    expected = ((weight * values) ** 2).mean()
    gradients = [
        torch.autograd.grad(mean, weight, retain_graph=True)[0] if mean.requires_grad else 0.0
        for mean in means
    ]
    assert {mean.item() for mean in means} == {means[0].item()}
    assert means[0].item() == pytest.approx(expected.item(), rel=1e-6)
    exact = torch.autograd.grad(expected, weight)[0].item()
    assert float(sum(gradients)) / len(parts) == pytest.approx(exact, rel=1e-6)


def test_no_terms_on_any_rank_are_zero_and_a_rank_without_any_may_have_no_number():
    assert [mean.item() for mean in over_ranks([torch.zeros(0)] * 2)] == [0, 0]
    rank = Hearing(0, 2)
    assert mean_over_ranks(rank, torch.tensor(torch.nan), 0).item() == 0


def test_one_process_keeps_its_loss_as_it_is():
    mean = torch.tensor(0.3, requires_grad=True)
    assert mean_over_ranks(Group(0, 1), mean, 4) is mean


@pytest.mark.parametrize("loss", [bce_loss, bpr_loss, softmax_loss])
@pytest.mark.parametrize("drops", [False, True])
def test_parts_of_a_batch_weighted_by_their_weights_are_the_batch(loss, drops):
    source = torch.Generator().manual_seed(7)
    logits = torch.randn(9, 6, generator=source)
    labels = torch.rand(9, 6, generator=source) * (torch.rand(9, 6, generator=source) < 0.3)
    labels[:, 0] = 1
    kept = torch.rand(9, 6, generator=source) < 0.8 if drops else None
    if kept is not None:
        kept[:, 0] = True
    total = weights = 0.0
    for part in (slice(0, 2), slice(2, 3), slice(3, 9)):
        case = labels[part], None if kept is None else kept[part]
        mean, weight = loss(logits[part], *case)
        total += float(mean) * float(weight)
        weights += float(weight)
    assert total / weights == pytest.approx(loss(logits, labels, kept)[0].item(), rel=1e-5)
