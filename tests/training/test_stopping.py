"""`fn_patience` stops where a naive reading of the rule does, in a run that is resumed too."""

from itertools import count

import pytest
import torch
from recbole.utils import early_stopping

from recbole_fn.checkpoint import last_file
from recbole_fn.experiment.build import assemble, load_data, read_config
from recbole_fn.training.attach import attach
from recbole_fn.training.callbacks import Callback
from recbole_fn.training.stopping import Patience, stopping_step
from tests.helpers.runs import ON, SMALL, pieces

EPOCHS = 60
FAST = {"train_batch_size": 9999, "n_layers": 1, "MAX_ITEM_LIST_LENGTH": 4, "metrics": ["NDCG"]}


def made_up(seed):
    """Validation scores that rise ever more slowly, with noise and ties: one for each epoch."""
    source = torch.Generator().manual_seed(seed)
    noise = torch.randn(EPOCHS, generator=source) * 0.1 * torch.rand(1, generator=source)
    rising = 1 - torch.exp(-torch.arange(EPOCHS) / (20 * torch.rand(1, generator=source)))
    return (rising + noise).mul(50).round().div(50).tolist()


def naive(scores, percent, waits, eval_step, started=None):
    """Epochs trained until the rule stops; what starts before an epoch makes the rule wait anew."""
    best = since = None
    for epoch in range(EPOCHS):
        if epoch == started:
            since = None
        if (epoch + 1) % eval_step:
            continue
        if best is None or scores[epoch] >= best:
            best, since = scores[epoch], epoch
        elif since is None:  # where the last validation before the start would have been
            since = started - started % eval_step - 1
        ago = epoch - since
        if ago // eval_step > waits and 100 * ago >= percent * (epoch + 1):
            return epoch + 1
    return EPOCHS


def recboles_loop(scores, patience, waits, eval_step):
    best, since = float("-inf"), 0
    for epoch in range(eval_step - 1, EPOCHS, eval_step):
        most = stopping_step(waits, patience, epoch + 1, eval_step)
        best, since, stops, _ = early_stopping(scores[epoch], best, since, most)
        if stops:
            return epoch + 1
    return EPOCHS


@pytest.mark.parametrize("eval_step", [1, 3])
@pytest.mark.parametrize("waits", [0, 2, 10])
@pytest.mark.parametrize("percent", [0, 7, 20, 30, 70, 100])
def test_the_rule_stops_where_a_naive_loop_does(percent, waits, eval_step):
    for seed in range(30):
        scores = made_up(seed)
        expected = naive(scores, percent, waits, eval_step)
        assert recboles_loop(scores, percent / 100, waits, eval_step) == expected


def test_the_cases_stop_early_late_and_never():
    ends = {naive(made_up(seed), percent, 2, 1) for seed in range(30) for percent in (0, 30, 70)}
    assert len(ends) > 10 and min(ends) < 10 and EPOCHS in ends


def one_that_stops(eval_step, started=None):
    """The first scores with which a run waits for `fn_patience` and then stops, and its epochs."""
    for seed in range(30):
        scores = made_up(seed)
        ends = [naive(scores, percent, 2, eval_step, started) for percent in (0, 30)]
        if (started or 0) < ends[0] < ends[1] < EPOCHS:
            return scores, ends[1]
    raise AssertionError("no such scores")


class Broken(Callback):
    """Raises after a validation, as a machine that is lost would."""

    def __init__(self, after):
        self.after = after

    def on_validation_end(self, trainer, epoch, score, result):
        if epoch == self.after:
            raise KeyboardInterrupt


def build(scores, **keys):
    """A run whose validations have made-up scores."""
    run = pieces(epochs=EPOCHS, **FAST, **keys)
    step, validations = run.trainer.eval_step, count(1)

    def evaluate(*_, **__):
        number = next(validations)
        return {"ndcg@10": scores[run.trainer.start_epoch + number * step - 1]}

    run.trainer.evaluate = evaluate
    return run


def trained(run):
    run.trainer.fit(run.train_data, run.valid_data, verbose=False)
    return len(run.trainer.train_loss_dict)


@pytest.mark.slow
@pytest.mark.parametrize(("eval_step", "started"), [(1, 0), (1, 12), (3, 12)])
def test_a_trainer_stops_there_and_a_resumed_one_too(eval_step, started):
    waits = {"fn_patience": 0.3, "stopping_step": 2, "eval_step": eval_step, "fn_start": started}
    scores, expected = one_that_stops(eval_step, started)
    assert trained(build(scores, **waits)) == expected
    cut = build(scores, **waits)
    attach(cut.trainer, Broken(expected - eval_step - 1))
    with pytest.raises(KeyboardInterrupt):
        trained(cut)
    for _ in range(2):  # a run that has ended is trained no further
        rest = build(scores, **waits)
        rest.trainer.resume_checkpoint(last_file(cut.trainer.saved_model_file))
        assert trained(rest) == expected


@pytest.mark.slow
def test_a_trainer_of_plain_recbole_stops_there_in_a_comparison():
    plain = {**SMALL, **ON, "fn_enabled": False, "train_neg_sample_args": None, "eval_step": 2}
    keys = {**plain, "fn_patience": 0.3, "stopping_step": 2, "epochs": EPOCHS, **FAST}
    config, (scores, expected) = read_config("SASRec", "tiny", keys=keys), one_that_stops(2)
    run = assemble(config, load_data(config))
    numbers = count(1, 2)
    run.trainer.evaluate = lambda *_, **__: {"ndcg@10": scores[next(numbers)]}
    attach(run.trainer, Patience())
    assert trained(run) == expected
