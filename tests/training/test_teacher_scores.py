"""The teacher's scores within a step of mixed precision are those of its own weights."""

import pytest
import torch

from recbole_fn.extraction.slots import without_memory
from recbole_fn.training.shard import Shard
from recbole_fn.training.shard_score import ShardScore
from recbole_fn.training.teacher_scores import TeacherRows
from tests.helpers.runs import NO_DROPOUT, pieces


def far_apart(model, **keys):
    """A step's scored rows, whose student is far from its teacher, and how the rows are encoded."""
    run = pieces(model, **NO_DROPOUT, enable_amp=True, **keys)
    loader, step = run.trainer.fn_prepare(run.train_data), run.trainer.fn_step
    step.start()
    with torch.no_grad():
        for parameter in run.model.parameters():
            parameter.add_(torch.randn_like(parameter))
    rows = step.batching.rows(next(iter(loader)))
    slots = without_memory(step.sampler.sample(rows, 8, None), None)
    slots.extracted[:, 0] = True
    return step, rows, slots


@pytest.mark.parametrize("model", ["SASRec", "GRU4Rec", "NARM"])
@pytest.mark.parametrize("relative", [False, True])
def test_scores_in_a_step_are_those_outside_it(model, relative):
    step, rows, slots = far_apart(model)

    def encode(batch):
        return step.scorer.encode(step.model, batch)

    with torch.autocast("cpu"):  # as RecBole does around a step; the student's scores come first
        scored = step.candidates.scored(rows, encode(rows), slots)
        teacher = TeacherRows(scored, step.teacher, encode)
        inside, all_inside = teacher.extracted(relative), teacher.candidates()
    outside, all_outside = teacher.extracted(relative), teacher.candidates()
    apart = (outside - scored.extracted_logits).abs().mean()
    assert (inside - outside).abs().mean() < 0.02 * apart
    assert (all_inside - all_outside).abs().mean() < 0.02 * apart


def test_the_teacher_leaves_no_casts_to_the_student():
    step, rows, slots = far_apart("SASRec")

    def encode(batch):
        return step.scorer.encode(step.model, batch)

    with torch.autocast("cpu"):
        first = encode(rows).score(slots.items)
        with step.teacher.average_parameters():
            encode(rows)
        assert torch.equal(encode(rows).score(slots.items), first)
    with torch.autocast("cpu"):
        with step.teacher.average_parameters():
            encode(rows)
        assert torch.equal(encode(rows).score(slots.items), first)


def test_a_sampler_that_scores_leaves_no_casts_either():
    """In torch before 2.10 these had no gradient, and so the weights of the step had none."""
    step, rows, slots = far_apart("NARM", fn_scoring="full_sort")
    seen = []

    class Encoded:
        def score(self, items):
            seen.append(torch.is_autocast_cache_enabled())
            return items.float()

    Encoded.cosines = Encoded.score
    score = ShardScore(Shard(step.group, rows, rows), Encoded())
    score(slots.items)
    score.cosines(slots.items)
    assert seen == [False, False] and torch.is_autocast_cache_enabled()
