"""What every sampler promises: a new one joins by its entry in `SAMPLERS`, or by a line in `ARGS`.

Its negatives may be drawn, its chances are finite, and a run with it gives the same numbers when it
is resumed, split among processes or loaded by workers, with rows encoded one by one or in windows.
"""

import pytest
import torch

from recbole_fn import checkpoint
from recbole_fn.negatives import SAMPLERS
from tests.checkpoint.test_kills import assert_same
from tests.checkpoint.test_last import ended, stopped_file
from tests.distributed.test_training import assert_equal
from tests.helpers.groups import in_group, train
from tests.helpers.runs import NO_DROPOUT, pieces

ARGS: dict[str, dict] = {  # arguments that suit 40 users and 60 items; others have the defaults
    "followers": {"items": 4},
    "guarded": {"sampler": "mixed", "guard": "quantile", "quantile": 0.9, "tries": 2},
    "listed": {"column": "item_id"},  # its own target, so all are uniform
    "cross_batch": {"size": 300, "warm_up": 3},
}
NAMES = [sampler.name for sampler in SAMPLERS if not sampler.covers_catalogue]
SLOTS = 8
CLASSES = {sampler.name: sampler for sampler in SAMPLERS}


class HighIds:
    """Scores that prefer high ids; their cosines do too."""

    def __call__(self, items):
        return items.float()

    def cosines(self, items):
        return items / 100


def keys_of(name, **keys):
    """A run in which the sampler's chances count; extraction starts at the second epoch."""
    method = {"fn_sampler": name, "fn_sampler_args": ARGS.get(name), "fn_neg_num": SLOTS}
    logq = int(CLASSES[name].knows_log_q)
    loss = {"fn_loss": "cross_entropy", "fn_logq": logq, "fn_start": 1, "fn_flip_after": 0}
    return {**NO_DROPOUT, **method, **loss, **keys}


def first_batch(name, **keys):
    """The run, the rows of its first batch, and a score that prefers high ids."""
    run = pieces(**keys_of(name, **keys))
    loader = run.trainer.fn_prepare(run.train_data)
    batch = run.trainer.fn_step.batching.rows(next(iter(loader)).to(run.trainer.device))
    return run, batch, HighIds()


@pytest.mark.slow
@pytest.mark.parametrize("batching", ["prefix", "sequence"])
@pytest.mark.parametrize("name", NAMES)
def test_negatives_may_be_drawn_and_have_a_finite_chance(name, batching):
    run, batch, score = first_batch(name, fn_batching=batching)
    sampler, histories = run.trainer.fn_step.sampler, run.trainer.fn_sampler.histories
    negatives = sampler.sample(batch, SLOTS, score)
    assert negatives.items.shape == (len(batch.rows), SLOTS)
    assert negatives.items.dtype == torch.int64
    valid = torch.ones_like(negatives.items, dtype=torch.bool)
    valid = valid if negatives.valid is None else negatives.valid
    assert valid.float().mean() > 0.3
    drawn = negatives.items.clone()
    assert drawn.min() >= 0 and drawn.max() < run.dataset.item_num and (drawn[valid] > 0).all()
    known = torch.zeros_like(valid).flatten()
    known[histories.known(batch.users, drawn.int())] = True
    assert not (known.view(valid.shape) & valid).any()
    if CLASSES[name].knows_log_q:
        log_q = sampler.log_q(batch, negatives)
        assert log_q.shape == drawn.shape and torch.isfinite(log_q[valid]).all()


# Full sort and predict; SASRec scores by dot products.
@pytest.mark.parametrize("model", ["FPMC", pytest.param("DIN", marks=pytest.mark.slow)])
def test_models_of_every_kind_train_on_them(model):
    for name in (name for name in NAMES if not CLASSES[name].needs_vectors):
        run = pieces(model, **keys_of(name, fn_batching="prefix"))
        run.trainer.fn_prepare(run.train_data)
        step, batch = run.trainer.fn_step, run.train_data.collate_fn(torch.arange(0, 400, 50))
        losses = [step.loss(batch)]
        step.start()
        losses += [sum(step.loss(batch)) for _ in range(2)]
        sum(losses).backward()
        assert torch.isfinite(torch.stack(losses)).all(), name
        assert any(w.grad is not None and w.grad.any() for w in run.model.parameters()), name


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_stopping_within_an_epoch_and_workers_change_no_number(name):
    keys = keys_of(name, train_batch_size=128, epochs=2)
    expected = ended(pieces(**keys, checkpoint_dir="whole"), valid=False)
    path = stopped_file(valid=False, **keys, checkpoint_dir="rest")
    assert checkpoint.load(path)["fn"]["position"]["batches"] > 0
    rest = pieces(**keys, checkpoint_dir="rest", worker=2)
    rest.trainer.resume_checkpoint(path)
    assert_same(ended(rest, valid=False), expected)


def train_all(group):
    return {name: train(group, **keys_of(name, epochs=2)) for name in NAMES}


@pytest.mark.slow
def test_two_processes_give_the_numbers_of_one():
    alone, together = train_all({}), in_group(2, train_all)
    for name in NAMES:
        assert_equal(alone[name], together[name])
        assert together[name]["sampler"] == alone[name]["sampler"]
