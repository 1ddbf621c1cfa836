"""What a treatment is promised: the teacher's scores of all it asks for, and its loss is added."""

import pytest
import torch

from recbole_fn.extraction.treatment import Treatment
from recbole_fn.scoring.scored import Labelled
from tests.distributed.test_training import assert_equal
from tests.helpers.groups import in_group, train
from tests.helpers.runs import NO_DROPOUT, fit, pieces

KEYS = {**NO_DROPOUT, "fn_start": 1, "fn_flip_after": 0, "epochs": 3}


class Near(Treatment):
    """Extracts nothing, and keeps the student near its teacher on all candidates."""

    extracts = False

    def apply(self, scored, teacher):
        gap = (scored.logits - teacher.candidates()).square().sum(1)
        extra = gap.mean() if len(gap) else gap.sum(), len(gap)
        return Labelled(scored.labels(1.0), scored.valid, extra, extra_weight=10.0)


NEAR = {"fn_strategy": "tests.extraction.test_treatment:Near"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "keys", [{}, {"fn_loss": "softmax", "fn_neg_num": "all"}, {"model": "NARM"}, {"model": "FPMC"}]
)
def test_a_treatment_without_extraction_may_add_a_loss(keys):
    near = pieces(**{**KEYS, **keys, **NEAR})
    fit(near)
    average = pieces(**{**KEYS, **keys, "fn_strategy": "average"})
    fit(average)
    losses, plain = near.trainer.train_loss_dict, average.trainer.train_loss_dict
    assert losses[0] == plain[0] and losses[2] > plain[2]
    assert near.trainer.fn_state.figures == {}
    assert near.trainer.fn_step.memory.num_remembered() == 0


@pytest.mark.slow
def test_the_teachers_scores_are_those_of_its_weights():
    run = pieces(**KEYS, **NEAR)
    seen, apply = [], Near.apply
    fit(run)
    step = run.trainer.fn_step
    step.treatment.apply = lambda *args: seen.append(args) or apply(step.treatment, *args)
    batch = next(iter(run.trainer.fn_loader))
    step.loss(batch)
    scored, teacher = seen[0]
    with step.teacher.average_parameters(), torch.no_grad():
        rows = step.batching.rows(batch)
        expected = step.scorer.encode(run.model, rows).score(scored.candidates)
    torch.testing.assert_close(teacher.candidates(), expected)
    assert not torch.allclose(expected, scored.logits)


def trained(group):
    return train(group, **KEYS, **NEAR)


@pytest.mark.slow
def test_two_processes_add_what_one_adds():
    alone, together = trained({}), in_group(2, trained)
    assert_equal(alone, together)
