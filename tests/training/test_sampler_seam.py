"""What a sampler is promised: masks and chances count, it sees scores, its state is kept."""

import pytest
import torch
import torch.nn.functional as F

from recbole_fn import checkpoint
from recbole_fn.data.loaders import dataset_of
from recbole_fn.negatives.base import Negatives, NegativeSampler
from tests.helpers.groups import in_group, train
from tests.helpers.runs import NO_DROPOUT, fit, pieces

HERE = "tests.training.test_sampler_seam"
KEYS = {**NO_DROPOUT, "fn_batching": "prefix", "fn_start": 1, "fn_flip_after": 0}


class OddsOnly(NegativeSampler):
    """Draws uniformly, and masks even items as if they were accidental hits."""

    def sample(self, rows, num, score):
        items = self.context.uniform(rows, num)
        return Negatives(items, valid=items % 2 == 1)


class Counting(NegativeSampler):
    """Counts how often each item was above its row's mean, and what it was called with."""

    def __init__(self, context, args):
        super().__init__(context, args)
        self.above = torch.zeros(context.num_items, dtype=torch.int64)
        self.epochs, self.seen = 0, []

    def sample(self, rows, num, score):
        items = self.context.uniform(rows, num)
        self.seen.append((rows, items, score(items)))
        return Negatives(items)

    def observe(self, rows, negatives, scores):
        assert scores.shape == negatives.items.shape and not scores.requires_grad
        above = negatives.items[scores > scores.mean(1, keepdim=True)]
        self.above += torch.bincount(above, minlength=len(self.above))

    def end_epoch(self):
        self.epochs += 1

    def state_dict(self):
        return {"above": self.above.clone(), "epochs": torch.tensor(self.epochs)}

    def load_state_dict(self, state):
        self.above, self.epochs = state["above"], int(state["epochs"])


def first_batch(run):
    run.trainer.fn_prepare(run.train_data)
    return run.train_data.collate_fn(torch.arange(20))


@pytest.mark.slow
def test_masked_draws_have_no_part_in_the_loss_and_are_never_remembered():
    run = pieces(**KEYS, fn_sampler=f"{HERE}:OddsOnly")
    batch, seen = first_batch(run), []
    step = run.trainer.fn_step
    score = step.candidates.scored
    step.candidates.scored = lambda *args: seen.append(score(*args)) or seen[-1]
    loss = step.loss(batch)
    items, logits = seen[0].items, seen[0].logits
    wanted = [F.softplus(-logits[:, 0])] + [
        F.softplus(logits[row, 1 + slot])[None] for row, slot in (items % 2 == 1).nonzero().tolist()
    ]
    assert loss.item() == pytest.approx(2 * torch.cat(wanted).mean().item(), rel=1e-5)
    fit(run)
    memory = step.memory
    remembered = [item for row in range(memory.num_rows) for item in memory.hard_negatives(row)]
    assert remembered and all(item % 2 == 1 for item in remembered)


def test_scores_are_those_of_the_model_as_it_is():
    run = pieces(**KEYS, fn_sampler=f"{HERE}:Counting")
    batch = first_batch(run)
    run.trainer.fn_step.loss(batch)
    rows, items, scores = run.trainer.fn_step.sampler.seen[0]
    expected = run.model.full_sort_predict(batch).gather(1, items)
    torch.testing.assert_close(scores, expected, atol=1e-5, rtol=1e-5)
    assert not scores.requires_grad and torch.equal(rows.rows, torch.arange(20))


def test_a_row_is_encoded_once_however_often_it_is_scored():
    run, calls = pieces(**KEYS, fn_sampler=f"{HERE}:Counting"), []
    batch, forward = first_batch(run), run.model.forward
    run.model.forward = lambda *args: calls.append(1) or forward(*args)
    run.trainer.fn_step.loss(batch)
    assert len(calls) == 1


@pytest.mark.slow
def test_its_state_is_in_checkpoints_and_comes_back():
    run = pieces(**KEYS, fn_sampler=f"{HERE}:Counting", epochs=2)
    run.trainer.fit(run.train_data, run.valid_data, verbose=False)
    path = checkpoint.last_file(run.trainer.saved_model_file)
    whole = pieces(**KEYS, fn_sampler=f"{HERE}:Counting", epochs=4)
    fit(whole)
    rest = pieces(**KEYS, fn_sampler=f"{HERE}:Counting", epochs=4)
    rest.trainer.resume_checkpoint(path)
    rest.trainer.fit(rest.train_data, rest.valid_data, verbose=False)
    ours, theirs = rest.trainer.fn_step.sampler, whole.trainer.fn_step.sampler
    assert ours.epochs == theirs.epochs == 4
    assert torch.equal(ours.above, theirs.above) and theirs.above.sum() > 100


def test_popularity_counts_the_targets_of_training():
    run = pieces(**KEYS, fn_sampler=f"{HERE}:Counting")
    first_batch(run)
    counts = run.trainer.fn_step.sampler.context.popularity
    targets = dataset_of(run.train_data).inter_feat["item_id"].tolist()
    assert counts.tolist() == [targets.count(item) for item in range(run.dataset.item_num)]


def counted(group):
    run = train(group, **{**KEYS, "fn_sampler": f"{HERE}:Counting"}, epochs=2)
    return {name: run[name] for name in ("memory", "sampler", "alike")}


@pytest.mark.slow
def test_two_processes_observe_what_one_does():
    alone, together = counted({}), in_group(2, counted)
    assert together == alone and alone["alike"]
