"""`fn_strategy: average`: the student trains as with `off`, its moving average is evaluated."""

import pytest
import torch
from torch.nn.utils import parameters_to_vector

from recbole_fn.comparison.extraction_results import describe_extraction
from recbole_fn.evaluation.popularity import item_users
from recbole_fn.training.parts import Parts
from recbole_fn.utils.errors import InputError
from tests.helpers.reference import ReferenceTeacher
from tests.helpers.runs import fit, pieces

START = 1


def all_weights(run):
    return parameters_to_vector(run.model.parameters()).detach().double().tolist()


class NotingSteps:
    """Notes the student's weights after each step, from the start on and before it."""

    def __init__(self, run):
        self.before, self.after, self.run = None, [], run
        run.trainer.optimizer.register_step_post_hook(lambda *_: self.note())

    def note(self):
        weights = all_weights(self.run)
        if self.run.trainer.fn_state.started is None:
            self.before = weights
        else:
            self.after.append(weights)


@pytest.fixture(scope="module")
def noted():
    noted = NotingSteps(pieces(fn_strategy="average", fn_start=START, epochs=3))
    fit(noted.run)
    return noted


@pytest.fixture
def run(noted):
    return noted.run


@pytest.mark.slow
def test_the_student_trains_as_without_a_teacher(run):
    off = pieces(fn_strategy="off", epochs=3)
    fit(off)
    assert run.trainer.train_loss_dict == off.trainer.train_loss_dict
    for ours, theirs in zip(run.model.parameters(), off.model.parameters(), strict=False):
        assert torch.equal(ours, theirs)


@pytest.mark.slow
def test_evaluation_uses_the_moving_average_of_the_students_weights(run, noted):
    assert run.trainer.fn_state.started == START
    naive = ReferenceTeacher([noted.before], run.trainer.fn_parts.settings.teacher_decay)
    for student in noted.after:
        naive.update([student])
    assert len(noted.after) == naive.steps > 2
    with run.trainer.fn_step.evaluation_weights():
        weights = all_weights(run)
    assert weights == pytest.approx(naive.weights[0], abs=1e-6)
    assert weights != pytest.approx(noted.after[-1], abs=1e-6)


def test_nothing_is_remembered_extracted_or_reported(run):
    assert run.trainer.fn_step.memory.num_remembered() == 0
    assert run.trainer.fn_state.figures == {} and not run.trainer.fn_has_extracted
    assert describe_extraction(run, item_users(run.train_data)) is None


def test_evaluating_the_student_of_an_average_is_a_contradiction():
    with pytest.raises(InputError, match="fn_eval_with is 'student'.*'average'"):
        Parts.of({"fn_strategy": "average", "fn_eval_with": "student"})
