"""Cosines and temperatures: alike in training and evaluation, saved, refused where impossible."""

import pytest
import torch
import torch.nn.functional as F
from recbole.config import Config
from recbole.data.interaction import Interaction

import recbole_fn
from recbole_fn.training.parts import Parts
from recbole_fn.utils.errors import InputError
from tests.helpers.runs import NO_DROPOUT, SMALL, fit, pieces

COSINE = {"fn_score": "cosine", "fn_temperature": 0.2, **NO_DROPOUT}


def prepared(model="SASRec", **keys):
    """The run, its step, and rows of the first batch."""
    run = pieces(model, **{**COSINE, "fn_loss": "contrastive", **keys})
    run.trainer.fn_prepare(run.train_data)
    step = run.trainer.fn_step
    batch = next(iter(run.trainer.fn_loader)).to(run.config["device"])
    return run, step, step.batching.rows(batch)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["SASRec", "GRU4Rec"])
@pytest.mark.parametrize("keys", [{}, {"fn_prior": "followers"}, {"fn_score": "dot"}], ids=str)
def test_training_and_evaluation_score_alike(model, keys):
    run, step, rows = prepared(model, fn_batching="prefix", **keys)
    items = torch.randint(1, run.dataset.item_num, (len(rows.rows), 6))
    run.model.eval()
    with torch.no_grad():
        encoded = step.scorer.encode(run.model, rows)
        trained = encoded.score(items) * 0.2
        asked = rows.interaction.repeat_interleave(6)
        asked.update(Interaction({run.model.ITEM_ID: items.reshape(-1)}))
        predicted = run.model.predict(asked).view(items.shape)
        whole = run.model.full_sort_predict(rows.interaction).view(len(items), -1)
        with run.model.fn_own_scores():
            own = run.model.full_sort_predict(rows.interaction).view(len(items), -1)
        assert torch.allclose(encoded.catalogue() * 0.2, whole, atol=1e-5)
    assert torch.allclose(trained, predicted, atol=1e-5)
    assert torch.allclose(trained, whole.gather(1, items), atol=1e-5)
    assert torch.equal(whole, own) is ("fn_score" in keys)


def test_the_scores_are_cosines_with_their_gradient_in_windows_too():
    run, step, rows = prepared(fn_temperature=0.5)
    assert rows.entry is not None
    items = torch.randint(1, run.dataset.item_num, (len(rows.rows), 4))
    scores = step.scorer.encode(run.model, rows).score(items)
    states = step.scorer.scorer.scorer.states(run.model, rows)
    expected = F.cosine_similarity(states.unsqueeze(1), run.model.item_embedding(items), -1) / 0.5
    torch.testing.assert_close(scores, expected)
    ours, theirs = (
        torch.autograd.grad(s.square().sum(), run.model.item_embedding.weight, retain_graph=True)[0]
        for s in (scores, expected)
    )
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)


@pytest.mark.slow
def test_a_run_learns_and_its_checkpoint_says_so():
    run = pieces(**COSINE, fn_loss="softmax", fn_flip_after=0, learning_rate=0.03)
    _, valid = fit(run)
    losses = list(run.trainer.train_loss_dict.values())
    assert losses[2] < losses[0] and valid["ndcg@10"] > 0.2
    assert run.trainer.fn_state.figures[2]["flipped"] > 0
    state = run.model.state_dict()
    assert bool(state["fn_is_cosine"])
    recbole_fn.unregister()
    plain = pieces_of_recbole()
    with pytest.raises(RuntimeError, match="fn_is_cosine"):
        plain.load_state_dict(state)
    assert "fn_is_cosine" not in pieces().model.state_dict()


def pieces_of_recbole():
    """The model without this package."""
    from recbole.data import create_dataset, data_preparation
    from recbole.utils import get_model

    config = Config("SASRec", "tiny", config_dict={**SMALL, "train_neg_sample_args": None})
    train, _, _ = data_preparation(config, create_dataset(config))
    return get_model("SASRec")(config, train.dataset)


def test_what_cannot_be_scored_so_is_refused():
    for model, way in (("FPMC", "full sort"), ("DIN", "predict")):
        with pytest.raises(InputError, match=f"fn_score is 'cosine', but {model} .* {way}.*be dot"):
            prepared(model)
    for key, value in (("fn_score", "cosine"), ("fn_temperature", 0.1)):
        with pytest.raises(InputError, match=f"{key} is {value!r} and fn_loss is 'model'"):
            Parts.of({key: value, "fn_loss": "model"})
    with pytest.raises(InputError, match="fn_temperature is 0; it must be a number above 0"):
        Parts.of({"fn_temperature": 0})


@pytest.mark.parametrize("keys", [{}, {"fn_score": "dot"}, {"fn_prior": "followers"}], ids=str)
def test_samplers_by_angle_know_cosines(keys):
    run, step, rows = prepared(fn_batching="prefix", **{"fn_sampler": "distance", **keys})
    items = torch.randint(1, run.dataset.item_num, (len(rows.rows), 6))
    run.model.eval()
    with torch.no_grad():
        cosines = step.scorer.encode(run.model, rows).cosines(items)
        fields = (run.model.ITEM_SEQ, run.model.ITEM_SEQ_LEN)
        own = run.model.forward(*(rows.interaction[field] for field in fields))
        vectors = run.model.item_embedding(items)
    expected = F.cosine_similarity(own.unsqueeze(1), vectors, dim=2)
    torch.testing.assert_close(cosines, expected, atol=1e-5, rtol=1e-4)
    fit(run)
