"""The prior equals loops over users, is added once in every way of scoring, and is saved."""

import math
from collections import Counter

import pytest
import torch
from recbole.config import Config
from recbole.data.interaction import Interaction

import recbole_fn
from recbole_fn.data.loaders import dataset_of
from recbole_fn.priors import Ends
from recbole_fn.utils.errors import InputError
from tests.data.test_follower_counts import naive_counts, sequences
from tests.helpers.runs import NO_DROPOUT, SMALL, fit, pieces

PRIOR = {"fn_prior": "followers", "fn_prior_args": {"window": 2, "depth": 3, "scale": 2.0}}
MODELS = ["SASRec", "FPMC", "DIN", "RepeatNet"]  # dot product, full sort, predict, probabilities


def naive_prior(naive, user, last, num_items, weight=1.0):
    """w log(1 + b c) of all items after `last`, newest first."""
    counts = Counter()
    for back, item in enumerate(last):
        for (other, before, follower), times in naive.items():
            if before == item and other != user:
                counts[follower] += 0.5**back * times
    return [weight * math.log1p(2.0 * counts[item]) for item in range(num_items)]


def test_it_equals_loops():
    run = pieces(**PRIOR)
    dataset = dataset_of(run.train_data)
    naive = naive_counts(sequences(dataset), 2)
    rows = dataset.inter_feat[torch.arange(0, len(dataset), 41)]
    ends = Ends.of(rows["item_id_list"], rows["item_length"], rows["user_id"], 3)
    prior = run.model.fn_prior
    whole = prior.catalogue(ends)
    for place, (user, length) in enumerate(
        zip(rows["user_id"].tolist(), rows["item_length"].tolist())
    ):
        last = rows["item_id_list"][place][:length].tolist()[::-1][:3]
        expected = naive_prior(naive, user, last, dataset.item_num)
        assert whole[place].tolist() == pytest.approx(expected, abs=1e-5)
    items = torch.randint(1, dataset.item_num, (len(rows), 5))
    assert torch.equal(prior.pairs(ends, items), whole.gather(1, items))


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_training_and_evaluation_score_alike(model):
    run = pieces(model, **PRIOR, **NO_DROPOUT, fn_batching="prefix")
    run.trainer.fn_prepare(run.train_data)
    step = run.trainer.fn_step
    batch = next(iter(run.trainer.fn_loader))
    rows = step.batching.rows(batch.to(run.config["device"]))
    run.model.eval()
    with torch.no_grad():
        encoded = step.scorer.encode(run.model, rows)
        items = torch.randint(1, run.dataset.item_num, (len(rows.rows), 6))
        trained = encoded.score(items)
        asked = rows.interaction.repeat_interleave(6)
        asked.update(Interaction({run.model.ITEM_ID: items.reshape(-1)}))
        predicted = run.model.predict(asked).view(items.shape)
        assert torch.allclose(trained, predicted, atol=1e-4)
        with run.model.fn_own_scores():
            own = step.scorer.scorer.encode(run.model, rows).score(items)
        prior = run.model.fn_prior.pairs(
            Ends.of(
                rows.interaction["item_id_list"], rows.interaction["item_length"], rows.users, 3
            ),
            items,
        )
        assert torch.allclose(trained, own + prior, atol=1e-5) and prior.abs().sum() > 0
        if model != "DIN":
            whole = run.model.full_sort_predict(rows.interaction).view(len(items), -1)
            assert torch.allclose(whole.gather(1, items), trained, atol=1e-4)


@pytest.mark.slow
def test_windows_see_what_prefixes_see():
    losses = []
    for batching in ("sequence", "prefix"):
        keys = {**PRIOR, **NO_DROPOUT, "fn_strategy": "off", "fn_window_stride": 1}
        run = pieces(
            **keys, fn_batching=batching, fn_neg_num="all", fn_loss="softmax", train_batch_size=4000
        )
        fit(run)
        losses.append(list(run.trainer.train_loss_dict.values()))
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


@pytest.mark.slow
def test_the_weight_is_trained_or_stays():
    for learn in (True, False):
        run = pieces(**{**PRIOR, "fn_prior_args": {"learn": learn, "weight": 0.5}})
        fit(run)
        weight = run.model.fn_prior.weight.item()
        assert (weight != 0.5) is learn


@pytest.mark.slow
def test_a_resumed_run_equals_one_that_never_stopped(own_folder):
    keys = {**PRIOR, "fn_loss": "softmax", "fn_logq": 1, "stopping_step": 100}
    whole = pieces(**keys, epochs=4)
    whole.trainer.fit(whole.train_data, whole.valid_data, verbose=False)
    first = pieces(**keys, epochs=2)
    first.trainer.fit(first.train_data, first.valid_data, verbose=False)
    rest = pieces(**keys, epochs=4)
    rest.trainer.resume_checkpoint(first.trainer.saved_model_file.replace(".pth", "-last.pth"))
    rest.trainer.fit(rest.train_data, rest.valid_data, verbose=False)
    assert rest.trainer.train_loss_dict == whole.trainer.train_loss_dict
    for name, tensor in whole.model.state_dict().items():
        assert torch.equal(rest.model.state_dict()[name], tensor), name


@pytest.mark.slow
def test_plain_recbole_refuses_such_a_checkpoint(own_folder):
    run = pieces(**PRIOR)
    run.trainer.fit(run.train_data, run.valid_data, verbose=False)
    plain = pieces(fn_enabled=False, train_neg_sample_args=None)
    recbole_fn.unregister()
    state = torch.load(run.trainer.saved_model_file, weights_only=False)["state_dict"]
    with pytest.raises(RuntimeError, match="Unexpected key.*fn_prior"):
        plain.model.load_state_dict(state)


def test_without_the_key_a_model_has_none():
    run = pieces()
    assert run.model.fn_prior is None
    assert not [name for name in run.model.state_dict() if name.startswith("fn_")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"fn_prior": "follower"}, "fn_prior is 'follower'; it must be followers"),
        ({"fn_prior": "followers", "fn_prior_args": {"scale": -1}}, "scale is -1; it must be"),
        ({"fn_prior": "followers", "fn_loss": "model"}, "fn_loss must be another loss"),
    ],
)
def test_a_mistake_is_one_line(keys, message):
    recbole_fn.register()
    with pytest.raises(InputError, match=message):
        run = Config("SASRec", "tiny", config_dict={**SMALL, "fn_enabled": True, **keys})
        pieces(**keys, seed=run["seed"])
