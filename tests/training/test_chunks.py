"""All items compared in parts: losses, gradients and memory are those of all rows at once."""

import pytest
import torch

from tests.helpers.runs import NO_DROPOUT, pieces
from tests.helpers.user_models import MeanModel

ALL = {"fn_neg_num": "all", "fn_memory_slots": 8, "fn_flip_after": 0, **NO_DROPOUT}


def steps(monkeypatch, most, **keys):
    """Losses, gradients and memory of the first steps with so many scores at a time."""
    monkeypatch.setattr("recbole_fn.training.chunks._MOST_SCORES", most)
    run = pieces(**ALL, **keys)
    loader, step = run.trainer.fn_prepare(run.train_data), run.trainer.fn_step
    step.start()
    losses, gradients = [], []
    for batch, _ in zip(loader, range(3), strict=False):
        run.trainer.optimizer.zero_grad()
        loss = step.loss(batch)
        loss = loss if isinstance(loss, tuple) else (loss,)
        sum(loss).backward()
        losses.append([part.item() for part in loss])
        gradients.append({n: p.grad.clone() for n, p in run.model.named_parameters()})
        run.trainer.optimizer.step()
        step.after_step()
    return losses, gradients, step.memory.state_dict()


@pytest.mark.slow
@pytest.mark.parametrize(
    "keys",
    [
        {"fn_strategy": "off", "fn_loss": "cross_entropy"},
        {"fn_strategy": "flip", "fn_loss": "softmax"},
        {"fn_strategy": "soft", "fn_loss": "cross_entropy"},
        {"fn_strategy": "drop", "fn_loss": "softmax", "fn_score": "cosine", "fn_temperature": 0.2},
        {"fn_strategy": "flip", "fn_loss": "softmax", "fn_prior": "followers"},
        {"fn_strategy": "flip", "fn_loss": "softmax", "fn_batching": "prefix"},
    ],
    ids=str,
)
def test_equals_all_rows_at_once(monkeypatch, keys):
    whole_losses, whole_gradients, whole_memory = steps(monkeypatch, 1 << 40, **keys)
    losses, gradients, memory = steps(monkeypatch, 1000, **keys)
    assert torch.tensor(losses).allclose(torch.tensor(whole_losses), rtol=1e-6, atol=1e-6)
    for ours, theirs in zip(gradients, whole_gradients, strict=True):
        for name, gradient in ours.items():
            assert gradient.allclose(theirs[name], rtol=1e-5, atol=1e-6), name
    assert all(torch.equal(memory[name], whole_memory[name]) for name in memory)


def test_no_part_has_more_scores_than_allowed(monkeypatch):
    from recbole_fn.extraction.candidates import CatalogueCandidates

    sizes = []
    scored = CatalogueCandidates.scored

    def watched(self, *args):
        rows = scored(self, *args)
        sizes.append(rows.logits.numel())
        return rows

    monkeypatch.setattr(CatalogueCandidates, "scored", watched)
    steps(monkeypatch, 1000, fn_strategy="flip", fn_loss="softmax")
    assert max(sizes) <= 1000 and len(sizes) > 12  # forward and backward


class InBatch(MeanModel):
    """Its loss compares each row's target with those of the other rows."""

    def calculate_loss(self, interaction):
        scores = self.states(interaction) @ self.item_embedding(interaction[self.ITEM_ID]).t()
        return torch.nn.functional.cross_entropy(scores, torch.arange(len(scores)))


def test_a_models_own_loss_sees_all_rows_at_once(monkeypatch):
    monkeypatch.setattr("recbole_fn.training.chunks._MOST_SCORES", 100)
    run = pieces(InBatch, **NO_DROPOUT, fn_loss="model", fn_strategy="off", fn_neg_num=9)
    batch = next(iter(run.trainer.fn_prepare(run.train_data)))
    assert len(batch) > 10
    assert torch.equal(run.trainer.fn_step.loss(batch), run.model.calculate_loss(batch))
