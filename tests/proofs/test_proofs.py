"""A new sampler, loss or treatment is one class in one file, and everything else serves it."""

from pathlib import Path

import pytest
import torch

from recbole_fn import checkpoint
from recbole_fn.data.loaders import dataset_of
from tests.checkpoint.test_kills import assert_same
from tests.checkpoint.test_last import ended, stopped_file
from tests.distributed.test_training import assert_equal
from tests.helpers.groups import in_group, train
from tests.helpers.runs import NO_DROPOUT, fit, pieces

HERE = Path(__file__).parent
PROOFS = {
    "dns": {"fn_sampler": "tests.proofs.dns:HardestOfPool", "fn_sampler_args": {"pool": 24}},
    "focal": {"fn_loss": "tests.proofs.focal:FocalLoss", "fn_loss_args": {"gamma": 1.5}},
    "trust": {"fn_strategy": "tests.proofs.trust:Trusted"},
}
MODELS = {
    "dot product": {"model": "SASRec"},
    "full sort": {"model": "tests.helpers.user_models:PairModel"},
    "sequence": {"model": "GRU4Rec", "fn_batching": "sequence"},
}
KEYS = {"fn_start": 1, "fn_flip_after": 0, "epochs": 4}


@pytest.mark.parametrize("proof", PROOFS)
def test_it_is_one_small_file(proof):
    text = (HERE / f"{proof}.py").read_text()
    assert len(text.splitlines()) <= 40 and text.count("\nclass ") == 1


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("proof", PROOFS)
def test_it_trains_and_extracts(proof, model):
    run = pieces(**{**KEYS, **PROOFS[proof], **MODELS[model]})
    plain = pieces(**{**KEYS, **MODELS[model]})
    fit(run)
    fit(plain)
    losses = run.trainer.train_loss_dict
    assert losses != plain.trainer.train_loss_dict
    assert all(map(torch.isfinite, map(torch.tensor, losses.values())))
    assert run.trainer.fn_state.figures[3]["flipped"] > 0
    names = {"dot product": "dot product", "full sort": "full sort", "sequence": "dot product"}
    assert run.trainer.fn_step.scorer.name == names[model]


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("proof", PROOFS)
def test_it_resumes_bit_for_bit_within_an_epoch(proof, model):
    keys = {**KEYS, **PROOFS[proof], **MODELS[model]}
    expected = ended(pieces(**keys, checkpoint_dir="whole"))
    path = stopped_file(**keys, checkpoint_dir="rest")
    assert checkpoint.load(path)["fn"]["position"]["batches"] > 0
    rest = pieces(**keys, checkpoint_dir="rest")
    rest.trainer.resume_checkpoint(path)
    assert_same(ended(rest), expected)


def train_all(group, cases):
    return {name: train(group, **keys) for name, keys in cases.items()}


@pytest.mark.slow
def test_two_processes_give_what_one_gives():
    cases = {
        f"{proof}, {model}": {**KEYS, "epochs": 3, **PROOFS[proof], **MODELS[model]}
        for proof in PROOFS
        for model in MODELS
    }
    alone, together = train_all({}, cases), in_group(2, train_all, cases)
    for name in cases:
        assert together[name]["ranks"] == 2
        assert_equal(alone[name], together[name])


def test_the_hardest_of_the_pool_are_drawn():
    run = pieces(**NO_DROPOUT, **PROOFS["dns"], fn_start=1000, fn_batching="prefix")
    run.trainer.fn_prepare(run.train_data)
    step, dataset = run.trainer.fn_step, dataset_of(run.train_data)
    pools, draw = [], step.sampler.context.uniform
    step.sampler.context.uniform = lambda rows, num: pools.append(draw(rows, num)) or pools[-1]
    batch = step.batching.rows(run.train_data.collate_fn(torch.arange(20)))
    encoded = step.scorer.encode(run.model, batch)
    drawn = step.sampler.sample(batch, 8, encoded.score).items
    scores = run.model.full_sort_predict(dataset[torch.arange(20)])
    for row in range(20):
        hardest = sorted(scores[row, pools[0][row]].tolist(), reverse=True)[:8]
        assert scores[row, drawn[row]].tolist() == pytest.approx(hardest, abs=1e-5)
