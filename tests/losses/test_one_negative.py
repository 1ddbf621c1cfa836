"""A model's own loss takes a plain negative of each row, and leaves out a row that has none."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_fn.data.batching import RowBatch
from recbole_fn.data.loaders import dataset_of, sampler_of
from recbole_fn.losses.base import LossContext
from recbole_fn.losses.model_loss import ModelLoss
from recbole_fn.losses.one_negative import one_negative
from recbole_fn.scoring.scored import Labelled, ScoredRows
from tests.helpers.runs import NO_DROPOUT, pieces

KEYS = {**NO_DROPOUT, "fn_loss": "model", "fn_strategy": "off", "fn_neg_num": 6}


def scored_rows(batch, items, extracted):
    rows, slots = extracted.nonzero(as_tuple=True)
    logits = torch.randn(len(items), items.shape[1] + 1, requires_grad=True)
    targets = torch.zeros_like(batch.targets)
    return ScoredRows(batch, items, extracted, logits, targets, rows, slots + 1)


def first_rows(run, num):
    interaction = dataset_of(run.train_data)[torch.arange(num)]
    return RowBatch(interaction, torch.arange(num), interaction["user_id"], interaction["item_id"])


@given(st.integers(1, 5), st.integers(1, 6), st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_equals_a_loop_over_slots(num_rows, num_slots, seed):
    source = torch.Generator().manual_seed(seed)

    def flags():
        return torch.rand(num_rows, num_slots, generator=source) < 0.5

    extracted, valid, soft = flags(), flags(), flags()
    items = torch.randint(1, 99, (num_rows, num_slots), generator=source)
    row = torch.arange(num_rows)
    scored = scored_rows(RowBatch(None, row, row, row), items, extracted)
    ones = torch.ones(num_rows, 1)
    labelled = Labelled(torch.cat([ones, soft * 0.1], 1), torch.cat([ones.bool(), valid], 1))
    negatives, has_one = one_negative(scored, labelled)
    for row in range(num_rows):
        plain = [
            int(items[row, slot])
            for slot in range(num_slots)
            if valid[row, slot] and not soft[row, slot] and not extracted[row, slot]
        ]
        assert bool(has_one[row]) == bool(plain)
        assert not plain or int(negatives[row]) == plain[-1]


@pytest.mark.parametrize("model", ["FPMC", "DIN"])
def test_a_row_without_a_negative_is_left_out(model):
    more = {"mlp_hidden_size": [8]} if model == "DIN" else {}
    run = pieces(model, **KEYS, **more)
    run.model.eval()
    batch, none = first_rows(run, 5), torch.zeros(5, 6, dtype=torch.bool)
    rows = scored_rows(batch, torch.randint(1, 50, (5, 6)), none)
    valid = torch.ones(5, 7, dtype=torch.bool)
    valid[1, 1:] = valid[4, 1:] = valid[2, 6] = False
    loss = ModelLoss(LossContext(run.model, run.dataset.item_num, 6, "label"), ModelLoss.Args())
    kept = torch.tensor([True, False, True, True, False])
    alone = scored_rows(batch.select(kept), rows.items[kept], none[kept])
    expected, _ = ModelLoss(loss.context, ModelLoss.Args()).of(
        alone, Labelled(alone.labels(1.0), valid[kept])
    )
    for _ in range(2):  # the first finds out that the model reads negatives
        value, number = loss.of(rows, Labelled(rows.labels(1.0), valid))
        torch.testing.assert_close(value, expected)
        assert number == 5


def test_no_row_with_a_negative_has_no_loss():
    run = pieces("FPMC", **KEYS)
    rows = scored_rows(
        first_rows(run, 3), torch.ones(3, 6, dtype=torch.long), torch.zeros(3, 6, dtype=torch.bool)
    )
    valid = torch.zeros(3, 7, dtype=torch.bool)
    loss = ModelLoss(LossContext(run.model, run.dataset.item_num, 6, "label"), ModelLoss.Args())
    value, _ = loss.of(rows, Labelled(rows.labels(1.0), valid))
    assert value.item() == 0
    value.backward()


def test_a_loss_without_negatives_keeps_all_rows():
    run = pieces("SASRec", **KEYS)
    rows = scored_rows(
        first_rows(run, 4), torch.ones(4, 6, dtype=torch.long), torch.zeros(4, 6, dtype=torch.bool)
    )
    loss = ModelLoss(LossContext(run.model, run.dataset.item_num, 6, "label"), ModelLoss.Args())
    value, _ = loss.of(rows, Labelled(rows.labels(1.0), torch.zeros(4, 7, dtype=torch.bool)))
    assert torch.equal(value, run.model.calculate_loss(rows.batch.interaction))


@pytest.mark.parametrize("sampler", ["followers", "in_batch", "mixed", "cross_batch"])
def test_a_run_takes_plain_negatives_alone(sampler, monkeypatch):
    run = pieces("FPMC", **{**KEYS, "epochs": 1}, fn_sampler=sampler)
    known = sampler_of(run.train_data).histories
    taken = []

    def watched(scored, labelled):
        negatives, has_one = one_negative(scored, labelled)
        taken.append((scored.batch.users[has_one], negatives[has_one], scored, has_one))
        return negatives, has_one

    monkeypatch.setattr("recbole_fn.losses.model_loss.one_negative", watched)
    run.trainer.fit(run.train_data, None, verbose=False, saved=False)
    for users, items, scored, has_one in taken:
        assert not torch.isin(users * run.dataset.item_num + items, known.pairs).any()
        if scored.known is not None:
            soft = scored.items.masked_fill(scored.known[:, 1:] == 0, 0)[has_one]
            assert not (soft == items.unsqueeze(1)).any()
