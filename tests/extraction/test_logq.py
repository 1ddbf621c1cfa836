"""The correction for how often an item is drawn: exact in a closed form, and only in the loss."""

import math

import pytest
import torch

from recbole_fn.data.loaders import dataset_of
from recbole_fn.extraction.slots import Injection, without_memory
from recbole_fn.negatives.base import Negatives
from recbole_fn.negatives.drawing import uniform_log_q
from recbole_fn.scoring.scored import Labelled
from tests.helpers.runs import NO_DROPOUT, fit, pieces

KEYS = {**NO_DROPOUT, "fn_loss": "softmax", "fn_batching": "prefix", "fn_neg_num": 6}


def losses_of(run, recalls, logq):
    """The package's loss of a batch, and the naive one."""
    step = run.trainer.fn_step
    batch = step.batching.rows(run.train_data.collate_fn(torch.arange(30)))
    encoded, num = step.scorer.encode(run.model, batch), 6
    drawn = step.sampler.context.uniform(batch, num)
    log_q = uniform_log_q(num, step.sampler.context.num_free(batch))
    begin = Injection(step.memory) if recalls else lambda _, *args: without_memory(*args)
    slots = begin(batch.rows, Negatives(drawn), log_q)
    scored = step.candidates.scored(batch, encoded, slots)
    loss, _ = step.base_loss.of(scored, Labelled(scored.labels(1.0), scored.valid))
    terms = []
    for place in range(30):
        user, row = int(batch.users[place]), int(batch.rows[place])
        remembered = step.memory.hard_negatives(row) if recalls else []
        had = run.trainer.fn_sampler.histories.num_free(torch.tensor([user])).item()
        scores = scored.logits[place].tolist()
        denominator = math.exp(scores[0])
        for slot, (score, item) in enumerate(
            zip(scores[1:], slots.items[place].tolist(), strict=False)
        ):
            if slot < len(remembered):
                denominator += math.exp(score)
            elif item not in remembered:  # each stands for so many items that were not drawn
                share = (num - len(remembered)) / had
                denominator += math.exp(score - logq * math.log(share))
        terms.append(math.log(denominator) - scores[0])
    return loss.item(), sum(terms) / len(terms)


@pytest.mark.slow
@pytest.mark.parametrize("logq", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("recalls", [False, True])
def test_it_equals_a_loop(logq, recalls):
    run = pieces(**KEYS, fn_logq=logq, fn_start=0, fn_flip_after=32_000, epochs=2)
    fit(run)
    assert run.trainer.fn_step.memory.num_remembered() > 0
    ours, expected = losses_of(run, recalls, logq)
    assert ours == pytest.approx(expected, rel=1e-5)


@pytest.mark.slow
def test_with_it_the_denominator_estimates_that_of_the_whole_catalogue():
    run = pieces(**KEYS, fn_logq=1.0, epochs=3)
    fit(run)
    run.model.eval()
    step, dataset = run.trainer.fn_step, dataset_of(run.train_data)
    batch = step.batching.rows(run.train_data.collate_fn(torch.arange(5)))
    with torch.no_grad():
        encoded = step.scorer.encode(run.model, batch)
        log_q = uniform_log_q(20_000, step.sampler.context.num_free(batch))
        drawn = Negatives(step.sampler.context.uniform(batch, 20_000))
        scored = step.candidates.scored(batch, encoded, without_memory(drawn, log_q))
        sums = (scored.logits - scored.log_q).exp().sum(1)
    scores = run.model.full_sort_predict(dataset[torch.arange(5)]).exp()
    for place in range(5):
        own = dataset.inter_feat["user_id"] == batch.users[place]
        had = set(dataset.inter_feat["item_id"][own].tolist())
        had |= set(dataset.inter_feat["item_id_list"][own].view(-1).tolist())
        free = [item for item in range(1, dataset.item_num) if item not in had]
        exact = scores[place, free].sum() + scores[place, batch.targets[place]]
        assert sums[place].item() == pytest.approx(exact.item(), rel=0.02)


@pytest.mark.slow
def test_without_it_nothing_changes_and_with_it_training_does():
    plain, none, full = (
        pieces(**KEYS, epochs=2, **keys) for keys in ({}, {"fn_logq": 0}, {"fn_logq": 1})
    )
    for run in (plain, none, full):
        fit(run)
    assert plain.trainer.train_loss_dict == none.trainer.train_loss_dict
    assert full.trainer.train_loss_dict[1] > plain.trainer.train_loss_dict[1] + 1
