"""A model's own loss keeps its terms, gains those of flipped items, or loses the dropped ones."""

import pytest
import torch
import torch.nn.functional as F

import recbole_fn
from recbole_fn.extraction.candidates import Visit
from recbole_fn.data.batching import RowBatch
from recbole_fn.model.own_loss import OwnLoss
from recbole_fn.zoo import MODELS, NAME, SMALL, write_data
from tests import reference
from tests.runs import NO_DROPOUT, fit, pieces

KEYS = {**NO_DROPOUT, "fn_loss": "model", "fn_start": 1, "fn_flip_after": 0, "fn_neg_num": 6}


def visit_of(run, extracted):
    """A visit of five rows of the training set, with the given slots extracted."""
    dataset = run.train_data._dataset
    interaction = dataset[torch.arange(5)]
    items = torch.randint(1, dataset.item_num, (5, 6))
    targets = interaction["item_id"]
    batch = RowBatch(interaction, torch.arange(5), interaction["user_id"], targets)
    rows, slots = extracted.nonzero(as_tuple=True)
    with torch.no_grad():
        scores = run.model.full_sort_predict(interaction)
    logits = scores.gather(1, torch.cat([targets.unsqueeze(1), items], 1)).requires_grad_()
    return Visit(batch, items, extracted, logits, torch.zeros_like(targets), rows, slots + 1)


def extracted_slots():
    extracted = torch.zeros(5, 6, dtype=torch.bool)
    extracted[0, :2] = extracted[3, 1] = True
    return extracted


def test_flipped_items_add_their_terms_to_the_models_cross_entropy():
    run = pieces(**KEYS)
    visit = visit_of(run, extracted_slots())
    scores = run.model.full_sort_predict(visit.batch.interaction)
    own = F.cross_entropy(scores, visit.batch.targets)
    extra = 0.0
    for logits, flips in zip(visit.logits.detach(), visit.extracted.tolist()):
        terms = reference.softmax_terms(logits, [1.0 if flip else 0.0 for flip in flips])
        extra += sum(term * weight for term, weight in terms[1:])
    found = OwnLoss(run.model, "label", run.dataset.item_num)(visit, visit.labels(1.0), None)
    torch.testing.assert_close(found, own + extra / 5)


def test_dropped_items_leave_the_models_cross_entropy():
    run = pieces(**KEYS)
    visit = visit_of(run, extracted_slots())
    scores = run.model.full_sort_predict(visit.batch.interaction)
    for row, item in zip(visit.rows.tolist(), visit.extracted_items.tolist()):
        if item != visit.batch.targets[row]:
            scores[row, item] = -torch.inf
    expected = F.cross_entropy(scores, visit.batch.targets)
    found = OwnLoss(run.model, "label", run.dataset.item_num)(
        visit, visit.labels(0.0), visit.without_extracted()
    )
    torch.testing.assert_close(found, expected)


def test_a_pairwise_loss_gets_a_drawn_negative_that_is_not_extracted():
    run = pieces(**KEYS, loss_type="BPR")
    extracted = torch.ones(5, 6, dtype=torch.bool)
    extracted[:, 2] = False
    visit = visit_of(run, extracted)
    scores = run.model.full_sort_predict(visit.batch.interaction)
    target = scores.gather(1, visit.batch.targets.unsqueeze(1))
    negative = scores.gather(1, visit.items[:, 2:3])
    expected = -torch.log(1e-10 + torch.sigmoid(target - negative)).mean()
    found = OwnLoss(run.model, "label", run.dataset.item_num)(
        visit, visit.labels(0.0), visit.without_extracted()
    )
    torch.testing.assert_close(found, expected)


def test_a_pointwise_loss_gets_each_row_with_both_labels():
    run = pieces("DIN", **KEYS, mlp_hidden_size=[8])
    run.model.eval()
    visit = visit_of_pairs(run)
    loss = OwnLoss(run.model, "label", run.dataset.item_num)(visit, visit.labels(1.0), None)
    items = torch.cat([visit.batch.targets, visit.items[:, -1]])
    both = torch.arange(5).repeat(2)
    interaction = visit.batch.interaction[both]
    interaction.interaction["item_id"] = items
    probability = run.model.predict(interaction)
    expected = F.binary_cross_entropy(probability, (torch.arange(10) < 5).float())
    torch.testing.assert_close(loss, expected)


def visit_of_pairs(run):
    interaction = run.train_data._dataset[torch.arange(5)]
    items, targets = torch.randint(1, 50, (5, 6)), interaction["item_id"]
    none, empty = torch.zeros(5, 6, dtype=torch.bool), torch.zeros(0, dtype=torch.long)
    batch = RowBatch(interaction, torch.arange(5), interaction["user_id"], targets)
    return Visit(batch, items, none, torch.zeros(5, 7), torch.zeros_like(targets), empty, empty)


@pytest.mark.parametrize("strategy", ["flip", "soft", "drop", "off"])
@pytest.mark.parametrize("model", ["FEARec", "NARM", "FPMC", "DIN", "TransRec"])
def test_models_train_with_their_own_loss(model, strategy, tmp_path):
    write_data(tmp_path)
    keys = {**SMALL, **MODELS[model].keys, **KEYS, "data_path": str(tmp_path), "epochs": 3}
    run = pieces(model, dataset=NAME, **keys, fn_strategy=strategy)
    fit(run)
    losses = [sum(x) if isinstance(x, tuple) else x for x in run.trainer.train_loss_dict.values()]
    assert len(losses) == 3 and all(torch.isfinite(torch.tensor(losses)))
    assert (run.trainer.fn_state.started is None) == (strategy == "off")
    if strategy != "off":
        assert run.trainer.fn_state.figures[2]["flipped"] > 0


def test_a_loss_that_nothing_can_be_left_out_of_is_refused_before_training():
    with pytest.raises(recbole_fn.InputError, match=r"fn_strategy is 'drop'.*BERT4Rec"):
        fit(pieces("BERT4Rec", **KEYS, fn_strategy="drop"))
