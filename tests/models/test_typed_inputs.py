"""Kinds of the history enter a model that looks it up in item_embedding, and only there."""

import pytest
import torch

from recbole_fn.data.loaders import dataset_of
from recbole_fn.utils.errors import InputError
from tests.feedback.made_up import built, lines, write
from tests.helpers.runs import NO_DROPOUT, fit

TYPED = {"fn_feedback_targets": "exclude", "fn_feedback_inputs": "typed", **NO_DROPOUT}
CAN = ["SASRec", "GRU4Rec", "NARM"]
CANNOT = ["FPMC", "BERT4Rec", "SRGNN"]


def scores_of(run, rows):
    run.model.eval()
    return run.model.full_sort_predict(rows).view(len(rows), -1).detach()


@pytest.mark.parametrize("model", CAN)
def test_the_vector_of_the_kind_is_added_to_the_item(model, tmp_path):
    """Naive: a table with an item for each pair of an item and a kind, whose rows are the sums."""
    write(tmp_path, lines(50))
    run = built(tmp_path, model, **TYPED)
    rows = dataset_of(run.test_data)[:]
    table, kinds = run.model.item_embedding.weight, run.model.fn_input_embedding.table.weight
    untrained = scores_of(run, rows)
    kinds.data[1:] = torch.randn(kinds[1:].shape, generator=torch.Generator().manual_seed(1))
    typed = scores_of(run, rows)
    assert not torch.allclose(untrained, typed)
    history, of_items = rows["item_id_list"], rows["fn_kind_list"]
    run.model.fn_input_embedding = None
    assert torch.equal(scores_of(run, rows), untrained)  # it began with zeros
    plain = run.model.item_embedding.forward
    run.model.item_embedding.forward = lambda ids: (
        table[history] + kinds[of_items] if ids is history else plain(ids)
    )
    assert torch.allclose(scores_of(run, rows), typed, atol=1e-6)


@pytest.mark.parametrize("model", CAN)
def test_kinds_are_learned_and_evaluated(model, tmp_path):
    write(tmp_path, lines(51, users=25))
    run = built(tmp_path, model, **TYPED)
    fit(run)
    embedding = run.model.fn_input_embedding
    assert bool((embedding.table.weight[1:] != 0).any(1).all())
    assert bool((embedding.table.weight[0] == 0).all())
    assert {("positive", "negative"), ("negative", "positive")} & set(embedding.cosines())
    result = run.trainer.evaluate(run.test_data, load_best_model=False)
    assert "liked_above_disliked" in result


@pytest.mark.slow
def test_training_scores_are_those_of_full_sort_predict(tmp_path):
    write(tmp_path, lines(52))
    run = built(tmp_path, **TYPED, fn_neg_num=8)
    fit(run)
    step = run.trainer.fn_step
    batch = step.batching.rows(next(iter(run.trainer.fn_loader)))
    run.model.eval()
    items = torch.arange(1, 6).expand(len(batch.rows), -1)
    ours = step.scorer.encode(run.model, batch).score(items)
    theirs = scores_of(run, dataset_of(run.train_data)[batch.rows])
    assert torch.allclose(ours, theirs.gather(1, items), atol=1e-5)


@pytest.mark.parametrize("model", CANNOT)
def test_a_model_that_cannot_read_them_stops_with_one_line(model, tmp_path):
    write(tmp_path, lines(53))
    with pytest.raises(InputError, match="fn_feedback_inputs is 'typed', but ") as caught:
        fit(built(tmp_path, model, **TYPED))
    assert "\n" not in str(caught.value)
    assert "fn_feedback_inputs must be positive or all" in str(caught.value)
