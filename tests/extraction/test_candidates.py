"""Candidates over the whole catalogue: the loss, what is remembered, and what is left aside."""

import pytest
import torch
import torch.nn.functional as F

from recbole_fn.data.batching import RowBatch
from recbole_fn.data.loaders import dataset_of
from recbole_fn.extraction.slots import Injection, without_memory
from recbole_fn.negatives.base import Negatives
from recbole_fn.scoring.scored import Labelled
from tests.helpers.runs import NO_DROPOUT, fit, pieces

KEYS = {
    **NO_DROPOUT,
    "fn_loss": "softmax",
    "fn_neg_num": "all",
    "fn_memory_slots": 4,
    "fn_flip_after": 1,
    "fn_batching": "prefix",
}


def step_of(**keys):
    """A run that is ready to train, and a batch of ten rows for it."""
    run = pieces(**{**KEYS, **keys})
    run.trainer.fn_prepare(run.train_data)
    rows = torch.arange(3, 23, 2)
    interaction = dataset_of(run.train_data)[rows]
    return run, RowBatch(interaction, rows, interaction["user_id"], interaction["item_id"])


def scored(step, batch, recalls):
    """The batch with scored candidates, remembered ones among them if it recalls."""
    places = Negatives(torch.zeros(len(batch.rows), step.settings.num_slots, dtype=torch.int64))
    inject = Injection(step.memory)
    slots = inject(batch.rows, places, None) if recalls else without_memory(places, None)
    return step.candidates.scored(batch, step.scorer.encode(step.model, batch), slots)


def remember(step, rows):
    step.memory.update(rows.batch.rows, *step.candidates.hard(rows))


def loss_of(step, rows):
    return step.base_loss.of(rows, Labelled(rows.labels(1.0), rows.valid))[0]


def scores_of(run, batch):
    with torch.no_grad():
        return run.model.full_sort_predict(batch.interaction)


@pytest.mark.slow
def test_before_extraction_it_is_cross_entropy_over_all_items():
    run, batch = step_of()
    step = run.trainer.fn_step
    loss = loss_of(step, scored(step, batch, recalls=False))
    expected = F.cross_entropy(scores_of(run, batch)[:, 1:], batch.targets - 1)  # 0 is padding
    torch.testing.assert_close(loss, expected)


@pytest.mark.parametrize("exclude", ["history", "target"])
def test_rows_remember_the_highest_items_above_the_target(exclude):
    run, batch = step_of(fn_neg_exclude=exclude)
    step, dataset = run.trainer.fn_step, dataset_of(run.train_data)
    ever_flipped = set()
    for _ in range(4):  # at the third visit items are flipped: they were remembered twice before
        visit = scored(step, batch, recalls=True)
        remember(step, visit)
        scores = scores_of(run, batch)
        flipped = {
            (row, item)
            for row, item in zip(visit.rows.tolist(), visit.columns.tolist(), strict=False)
        }
        ever_flipped |= flipped
        for place, row in enumerate(batch.rows.tolist()):
            user, target = int(batch.users[place]), int(batch.targets[place])
            had = had_items(dataset, user) if exclude == "history" else set()
            free = [
                item
                for item in range(1, dataset.item_num)
                if item not in had and (place, item) not in flipped
            ]
            above = [item for item in free if scores[place, item] > scores[place, target]]
            above.sort(key=lambda item: -float(scores[place, item]))
            assert step.memory.hard_negatives(row) == above[:4]
    assert ever_flipped


def had_items(dataset, user):
    rows = dataset.inter_feat
    own = rows["user_id"] == user
    return set(rows["item_id"][own].tolist()) | set(rows["item_id_list"][own].view(-1).tolist())


def test_flipped_items_are_positives_and_leave_each_others_denominators():
    run, batch = step_of()
    step = run.trainer.fn_step
    for _ in range(3):
        visit = scored(step, batch, recalls=True)
        remember(step, visit)
    mean = loss_of(step, visit)
    scores, terms = scores_of(run, batch), []
    for place, target in enumerate(batch.targets.tolist()):
        positives = [target, *visit.columns[visit.rows == place].tolist()]
        for positive in positives:
            left_out = [0, *(item for item in positives if item != positive)]
            row = scores[place].clone()
            row[left_out] = -torch.inf
            terms.append(torch.logsumexp(row, 0) - row[positive])
    assert len(terms) > len(batch.rows)
    torch.testing.assert_close(mean, torch.stack(terms).mean())


@pytest.mark.slow
def test_it_trains_in_windows_and_extracts():
    run = pieces(**{**KEYS, "fn_batching": "auto", "fn_flip_after": 0, "epochs": 4})
    fit(run)
    losses = list(run.trainer.train_loss_dict.values())
    assert run.trainer.fn_step.batching.name == "sequence"
    assert losses[0] > 0
    assert run.trainer.fn_state.figures[3]["flipped"] > 0
