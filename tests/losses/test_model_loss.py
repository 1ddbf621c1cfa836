"""A model's own loss keeps its terms, gains those of flipped items, or loses the dropped ones."""

import pytest
import torch
import torch.nn.functional as F

import recbole_fn
from recbole_fn.cli.model_requirements import MODELS, NAME, SMALL, write_data
from recbole_fn.data.batching import RowBatch
from recbole_fn.data.loaders import dataset_of
from recbole_fn.losses.base import LossContext
from recbole_fn.losses.model_loss import ModelLoss
from recbole_fn.scoring.scored import Labelled, ScoredRows
from tests.helpers import reference
from tests.helpers.runs import NO_DROPOUT, fit, pieces

KEYS = {**NO_DROPOUT, "fn_loss": "model", "fn_start": 1, "fn_flip_after": 0, "fn_neg_num": 6}


def loss_of(run, rows, labels, valid=None):
    """The loss of a run's model, and how many terms it is the mean of."""
    context = LossContext(run.model, run.dataset.item_num, 6, "label")
    return ModelLoss(context, ModelLoss.Args()).of(rows, Labelled(labels, valid))


def scored(run, extracted):
    """Five rows of the training set, with these slots extracted; none holds a target."""
    dataset = dataset_of(run.train_data)
    interaction = dataset[torch.arange(5)]
    targets = interaction["item_id"]
    # Distinct items of each row, other than its target.
    others = torch.rand(5, dataset.item_num - 2).topk(6, dim=1).indices + 1
    items = others + (others >= targets.unsqueeze(1))
    batch = RowBatch(interaction, torch.arange(5), interaction["user_id"], targets)
    rows, slots = extracted.nonzero(as_tuple=True)
    with torch.no_grad():
        scores = run.model.full_sort_predict(interaction)
    logits = scores.gather(1, torch.cat([targets.unsqueeze(1), items], 1)).requires_grad_()
    return ScoredRows(batch, items, extracted, logits, torch.zeros_like(targets), rows, slots + 1)


def extracted_slots():
    extracted = torch.zeros(5, 6, dtype=torch.bool)
    extracted[0, :2] = extracted[3, 1] = True
    return extracted


def cross_entropy_without(run, rows, left_out):
    """The model's cross entropy with some (row, item) pairs left out of its softmax."""
    scores = run.model.full_sort_predict(rows.batch.interaction)
    for row, item in left_out:
        scores[row, item] = -torch.inf
    return F.cross_entropy(scores, rows.batch.targets)


def added_terms(rows, labels):
    """The loops' terms of the slots, over the number of rows; None marks one that is not there."""
    total = 0.0
    for logits, row in zip(rows.logits.detach(), labels, strict=False):
        terms = reference.softmax_terms(logits, row)
        total += sum(term * weight for term, weight in terms[1:])
    return total / len(labels)


def test_flipped_items_add_their_terms_to_the_models_cross_entropy():
    run = pieces(**KEYS)
    rows = scored(run, extracted_slots())
    own = cross_entropy_without(run, rows, [])
    extra = added_terms(rows, [[float(flip) for flip in row] for row in rows.extracted.tolist()])
    value, weight = loss_of(run, rows, rows.labels(1.0))
    torch.testing.assert_close(value, own + extra)
    assert weight == 5


def test_dropped_items_leave_the_models_cross_entropy():
    run = pieces(**KEYS)
    rows = scored(run, extracted_slots())
    pairs = list(zip(rows.rows.tolist(), rows.extracted_items.tolist(), strict=False))
    expected = cross_entropy_without(run, rows, pairs)
    value, _ = loss_of(run, rows, rows.labels(0.0), rows.without_extracted())
    torch.testing.assert_close(value, expected)


def test_labels_of_0_leave_and_others_are_added():
    """What is extracted goes by its label alone, whatever takes no part for other reasons."""
    run = pieces(**KEYS)
    rows = scored(run, extracted_slots())
    labels = rows.labels(torch.tensor([0.0, 0.25, 1.0]))
    valid = torch.ones_like(labels, dtype=torch.bool)
    valid[0, 1] = valid[0, 6] = valid[2, 3] = False  # the first of them is extracted, with label 0
    own = cross_entropy_without(run, rows, [(0, int(rows.extracted_items[0]))])
    read = [
        [float(y) if is_valid else None for y, is_valid in zip(*pair, strict=False)]
        for pair in zip(labels[:, 1:], valid[:, 1:], strict=False)
    ]
    value, _ = loss_of(run, rows, labels, valid)
    torch.testing.assert_close(value, own + added_terms(rows, read))


@pytest.mark.slow
def test_a_mask_without_extracted_items_leaves_nothing_out():
    run = pieces(**KEYS)
    rows = scored(run, torch.zeros(5, 6, dtype=torch.bool))
    valid = torch.ones(5, 7, dtype=torch.bool)
    valid[:, 4] = False
    value, _ = loss_of(run, rows, rows.labels(1.0), valid)
    assert torch.equal(value, run.model.calculate_loss(rows.batch.interaction))


def test_an_extracted_item_that_takes_no_part_is_neither_added_nor_left_out():
    run = pieces(**KEYS)
    rows = scored(run, extracted_slots())
    value, _ = loss_of(run, rows, rows.labels(1.0), rows.without_extracted())
    assert torch.equal(value, run.model.calculate_loss(rows.batch.interaction))


@pytest.mark.slow
def test_a_target_is_never_left_out():
    run = pieces(**KEYS)
    rows = scored(run, extracted_slots())
    rows.items[0, 0] = rows.batch.targets[0]
    pairs = list(zip(rows.rows.tolist(), rows.extracted_items.tolist(), strict=False))[1:]
    value, _ = loss_of(run, rows, rows.labels(0.0), rows.without_extracted())
    torch.testing.assert_close(value, cross_entropy_without(run, rows, pairs))


@pytest.mark.parametrize("half", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_a_model_in_16_bits_has_a_finite_loss_and_gradient(label, half):
    run = pieces(**KEYS)
    rows = scored(run, extracted_slots())
    with torch.autocast("cpu", dtype=half):
        value, _ = loss_of(run, rows, rows.labels(label), None)
    value.backward()
    expected, _ = loss_of(run, rows, rows.labels(label), None)
    torch.testing.assert_close(value.float(), expected, rtol=2e-2, atol=2e-2)
    assert torch.isfinite(run.model.item_embedding.weight.grad).all()


@pytest.mark.slow
def test_a_pairwise_loss_gets_a_drawn_negative_that_is_not_extracted():
    run = pieces(**KEYS, loss_type="BPR")
    extracted = torch.ones(5, 6, dtype=torch.bool)
    extracted[:, 2] = False
    rows = scored(run, extracted)
    scores = run.model.full_sort_predict(rows.batch.interaction)
    target = scores.gather(1, rows.batch.targets.unsqueeze(1))
    negative = scores.gather(1, rows.items[:, 2:3])
    expected = -torch.log(1e-10 + torch.sigmoid(target - negative)).mean()
    value, _ = loss_of(run, rows, rows.labels(0.0), rows.without_extracted())
    torch.testing.assert_close(value, expected)


@pytest.mark.slow
def test_a_pointwise_loss_gets_each_row_with_both_labels():
    run = pieces("DIN", **KEYS, mlp_hidden_size=[8])
    run.model.eval()
    rows = scored_pairs(run)
    loss, _ = loss_of(run, rows, rows.labels(1.0))
    items = torch.cat([rows.batch.targets, rows.items[:, -1]])
    both = torch.arange(5).repeat(2)
    interaction = rows.batch.interaction[both]
    interaction.interaction["item_id"] = items
    probability = run.model.predict(interaction)
    expected = F.binary_cross_entropy(probability, (torch.arange(10) < 5).float())
    torch.testing.assert_close(loss, expected)


def scored_pairs(run):
    interaction = dataset_of(run.train_data)[torch.arange(5)]
    items, targets = torch.randint(1, 50, (5, 6)), interaction["item_id"]
    none, empty = torch.zeros(5, 6, dtype=torch.bool), torch.zeros(0, dtype=torch.long)
    batch = RowBatch(interaction, torch.arange(5), interaction["user_id"], targets)
    logits, columns = torch.zeros(5, 7), torch.zeros_like(targets)
    return ScoredRows(batch, items, none, logits, columns, empty, empty)


def test_scores_alone_have_no_loss_of_the_model():
    loss = ModelLoss(LossContext(None, 9, 6, "label"), ModelLoss.Args())
    with pytest.raises(NotImplementedError, match="computed from a batch"):
        loss.weighted_mean(torch.zeros(1, 2), torch.eye(1, 2), None)


def test_what_can_be_left_out_is_found_on_trial():
    run = pieces(**KEYS)
    loss = ModelLoss(LossContext(run.model, run.dataset.item_num, 6, "label"), ModelLoss.Args())
    batch = scored(run, extracted_slots()).batch
    before = torch.get_rng_state()
    loss.require_leaving_out(batch)
    assert torch.equal(torch.get_rng_state(), before)
    run.model.loss_fct = torch.nn.NLLLoss()  # as of a model that takes the softmax by itself
    with pytest.raises(recbole_fn.InputError, match=r"fn_strategy is 'drop'.*own loss of"):
        loss.require_leaving_out(batch)


@pytest.mark.slow
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
