"""The teacher follows whatever optimizer moves the model; what hides it is refused."""

import pytest
import torch
from recbole.trainer import Trainer

import recbole_fn
from tests.helpers.runs import NO_DROPOUT, fit, pieces
from tests.helpers.user_models import MeanModel

KEYS = {**NO_DROPOUT, "fn_start": 1, "fn_flip_after": 0, "epochs": 3, "fn_teacher_decay": 0.0}


class InFit(Trainer):
    """Makes its optimizer when training begins."""

    def fit(self, *args, **kwargs):
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=0.01)
        return super().fit(*args, **kwargs)


class BuiltAnew(Trainer):
    """Asks RecBole for a second optimizer, and a third one in each epoch."""

    def fit(self, *args, **kwargs):
        self.optimizer = self._build_optimizer()
        return super().fit(*args, **kwargs)

    def _train_epoch(self, *args, **kwargs):
        self.optimizer = self._build_optimizer(learner="sgd", learning_rate=0.1)
        return super()._train_epoch(*args, **kwargs)


class Loop(Trainer):
    """A loop of its own."""

    def _train_epoch(self, train_data, epoch_idx, loss_func=None, show_progress=False):
        total, optimizers = 0.0, self.optimizers()
        for batch in train_data:
            loss = loss_func(batch)
            loss = sum(loss) if isinstance(loss, tuple) else loss
            self.model.zero_grad()
            loss.backward()
            for optimizer in optimizers:
                optimizer.step()
            total += loss.item()
        return total


class Two(Loop):
    """An optimizer for the table, and one for the rest."""

    def optimizers(self):
        table = [self.model.item_embedding.weight]
        rest = list(self.model.dense.parameters())
        return [torch.optim.Adagrad(table, lr=0.1), torch.optim.SGD(rest, lr=0.1)]


class ByHand(Loop):
    """Moves the weights without an optimizer of PyTorch."""

    def optimizers(self):
        trainer = self

        class Descent:
            def step(self):
                with torch.no_grad():
                    for weight in trainer.model.parameters():
                        weight -= 0.1 * weight.grad

        return [Descent()]


def trained(trainer, **keys):
    model = type("MeanModel", (MeanModel,), {"trainer_class": trainer})
    run = pieces(model, **{**KEYS, **keys})
    fit(run)
    return run


@pytest.mark.parametrize("trainer", [InFit, BuiltAnew, Two])
def test_without_decay_the_teacher_is_the_student(trainer):
    run = trained(trainer)
    batches = len(run.trainer.fn_loader)
    assert run.trainer.fn_step.steps == 3 * batches
    assert run.trainer.fn_step.teacher.num_updates == 2 * batches
    by_teacher = run.trainer.evaluate(run.test_data, load_best_model=False)
    teacher = run.trainer.fn_step.teacher
    run.trainer.fn_step.teacher = None
    assert run.trainer.evaluate(run.test_data, load_best_model=False) == by_teacher
    weights = teacher.state_dict()["weights"]
    assert all(torch.equal(weights[n], p) for n, p in run.model.named_parameters())


@pytest.mark.slow
def test_with_decay_it_lags_behind():
    run = trained(Two, fn_teacher_decay=0.9)
    weights = run.trainer.fn_step.teacher.state_dict()["weights"]
    assert not any(torch.equal(weights[n], p) for n, p in run.model.named_parameters())


@pytest.mark.parametrize("start", [0, 1000])
def test_steps_that_nobody_sees_are_refused(start):
    with pytest.raises(recbole_fn.InputError, match=r"ByHand|MeanModel|Trainer") as caught:
        trained(ByHand, fn_start=start)
    assert "no optimizer of PyTorch moved the model" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_optimizer_of_something_else_is_no_step_of_the_model():
    class Aside(ByHand):
        def optimizers(self):
            other = torch.nn.Parameter(torch.zeros(1))
            other.grad = torch.ones(1)
            return [*super().optimizers(), torch.optim.SGD([other], lr=1.0)]

    with pytest.raises(recbole_fn.InputError, match="no optimizer of PyTorch moved"):
        trained(Aside)
