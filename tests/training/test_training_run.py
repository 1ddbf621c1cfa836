"""Whole training runs equal the naive ones: losses, hard negatives and flips."""

import copy

import pytest
import torch

from recbole_fn.data.loaders import dataset_of, sampler_of
from tests.helpers import reference
from tests.helpers.runs import NO_DROPOUT, fit, pieces

EPOCHS, START = 5, 2
KEYS = {
    **NO_DROPOUT,
    "epochs": EPOCHS,
    "fn_start": START,
    "fn_flip_after": 1,
    "fn_neg_num": 6,
    "fn_consistency_weight": 0.3,
    "fn_teacher_decay": 0.7,
    "train_batch_size": 32,
}


class Recorder:
    """Notes the rows and draws of each batch while the package trains."""

    def __init__(self, run):
        self.epochs, self.run = [], run
        train_epoch = run.trainer._train_epoch
        draw = sampler_of(run.train_data).draw

        def noting_epoch(data, epoch, *args, **kwargs):
            self.epochs.append([])
            batching = run.trainer.fn_step.batching
            rows = type(batching).rows.__get__(batching)

            def noting_rows(interaction):
                batch = rows(interaction)
                self.epochs[-1].append([batch.rows.tolist(), None])
                return batch

            batching.rows = noting_rows
            losses = train_epoch(data, epoch, *args, **kwargs)
            self.states.append(hard_sets(run.trainer.fn_step.memory))
            return losses

        def noting_draw(*args):
            drawn = draw(*args)
            self.epochs[-1][-1][1] = drawn.tolist()
            return drawn

        self.states = []
        run.trainer._train_epoch, sampler_of(run.train_data).draw = noting_epoch, noting_draw


def hard_sets(memory):
    rows = range(memory.num_rows)
    return {row: memory.hard_negatives(row) for row in rows if memory.hard_negatives(row)}


def score(rows):
    def score_row(model, row, items):
        listed, length = rows["item_id_list"][row], rows["item_length"][row]
        state = model.forward(listed.unsqueeze(0), length.unsqueeze(0))[0]
        return [torch.dot(state, model.item_embedding.weight[item]) for item in items]

    return score_row


def naive_loss(loss, run):
    if loss != "gbce":
        return getattr(reference, f"{loss}_loss")
    share = KEYS["fn_neg_num"] / (run.dataset.item_num - 2)  # of the items beside the target
    weight = share * (0.75 * (1 - 1 / share) + 1 / share)
    return lambda logits, labels: reference.bce_loss(logits, labels, positive_weight=weight)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["SASRec", "GRU4Rec"])
@pytest.mark.parametrize("batching", ["prefix", "sequence"])
def test_five_epochs_equal_the_reference(model, batching):
    assert_equal_runs(model, batching, "bce", "flip")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("loss", "strategy"),
    [("bce", "soft"), ("gbce", "drop"), ("bpr", "soft"), ("softmax", "flip"), ("softmax", "soft")],
)
def test_other_losses_and_strategies_equal_the_reference(loss, strategy):
    assert_equal_runs("SASRec", "sequence", loss, strategy)


def assert_equal_runs(model, batching, loss, strategy):
    keys = {**KEYS, "fn_batching": batching, "fn_loss": loss, "fn_strategy": strategy}
    run = pieces(model, user_inter_num_interval="[6,7]", **keys)
    start = copy.deepcopy(run.model).double()
    recorder = Recorder(run)
    run.model.double()
    fit(run)
    rows = dataset_of(run.train_data).inter_feat
    student, teacher = copy.deepcopy(start), copy.deepcopy(start)
    naive = reference.ReferenceRun(
        student,
        teacher,
        torch.optim.Adam(student.parameters(), lr=run.config["learning_rate"]),
        score(rows),
        rows["item_id"].tolist(),
        KEYS["fn_flip_after"],
        KEYS["fn_consistency_weight"],
        KEYS["fn_teacher_decay"],
        naive_loss(loss, run),
        strategy,
        compares=loss in ("bpr", "softmax"),
    )
    for epoch, batches in enumerate(recorder.epochs):
        flipped_before = naive.num_flipped
        if epoch == START:
            naive.start()
        loss = sum(naive.visit(*batch) for batch in batches)
        assert run.trainer.train_loss_dict[epoch] == pytest.approx(loss, abs=1e-5)
        hard = {row: items for row, items in naive.memory.hard.items() if items}
        assert recorder.states[epoch] == hard
        if epoch >= START:
            figures = run.trainer.fn_state.figures[epoch]
            assert figures["flipped"] == naive.num_flipped - flipped_before
            assert figures["hard"] == sum(map(len, hard.values()))
    assert naive.num_flipped > 5 and naive.num_masked > 2
    with run.trainer.fn_step.teacher.average_parameters():
        weights = [p.detach().clone() for p in run.model.parameters()]
    torch.testing.assert_close(
        weights, [p.detach() for p in teacher.parameters()], atol=1e-5, rtol=0
    )
