"""A user's trainer with optimizers and schedules of its own goes on to the same numbers."""

import logging

import pytest
import torch
from recbole.trainer import Trainer
from torch.optim.lr_scheduler import CosineAnnealingLR, StepLR

from recbole_fn import checkpoint
from recbole_fn.checkpoint.learners import capture, learners_of, restore
from tests.helpers.runs import NO_DROPOUT, pieces
from tests.helpers.user_models import MeanModel


class Stepping(Trainer):
    """Steps its schedules after each epoch, wherever they are."""

    def _train_epoch(self, *args, **kwargs):
        losses = super()._train_epoch(*args, **kwargs)
        for learner in learners_of(self).values():
            learner.step()
        return losses


class OneSchedule(Stepping):
    def __init__(self, config, model):
        super().__init__(config, model)
        self.schedule = StepLR(self.optimizer, 1, 0.5)


class ListOfSchedules(Stepping):
    def __init__(self, config, model):
        super().__init__(config, model)
        self.schedules = [CosineAnnealingLR(self.optimizer, 6)]


class DictOfTuples(Stepping):
    def __init__(self, config, model):
        super().__init__(config, model)
        self.by_name = {"all": (StepLR(self.optimizer, 2, 0.1),)}


class TwoOptimizers(Trainer):
    """The table of items has an optimizer of its own."""

    def __init__(self, config, model):
        super().__init__(config, model)
        table = model.item_embedding.weight
        others = [weight for weight in model.parameters() if weight is not table]
        self.optimizer = torch.optim.Adam(others, lr=0.01)
        self.optimizers = {"main": self.optimizer, "table": torch.optim.Adam([table], lr=0.05)}

    def _train_epoch(self, train_data, epoch_idx, loss_func=None, show_progress=False):
        total = 0.0
        for batch in train_data:
            losses = loss_func(batch)
            loss = sum(losses) if isinstance(losses, tuple) else losses
            self.model.zero_grad()
            loss.backward()
            for optimizer in self.optimizers.values():
                optimizer.step()
            total += loss.item()
        return total


class MeanModelOf(MeanModel):
    trainer_class: type


def losses_of(trainer, epochs, folder, file=None):
    MeanModelOf.trainer_class = trainer
    keys = {**NO_DROPOUT, "epochs": epochs, "checkpoint_dir": str(folder), "fn_flip_after": 0}
    run = pieces(MeanModelOf, **keys)
    if file is not None:
        run.trainer.resume_checkpoint(file)
    run.trainer.fit(run.train_data, None, verbose=False)
    return run.trainer, list(run.trainer.train_loss_dict.values())


@pytest.mark.parametrize("trainer", [OneSchedule, ListOfSchedules, DictOfTuples, TwoOptimizers])
def test_a_resumed_run_has_the_losses_of_a_whole_one(trainer, tmp_path):
    _, whole = losses_of(trainer, 5, tmp_path / "whole")
    part, _ = losses_of(trainer, 2, tmp_path / "part")
    last = checkpoint.last_file(part.saved_model_file)
    _, resumed = losses_of(trainer, 5, tmp_path / "part", last)
    assert resumed == whole


def test_a_checkpoint_that_lacks_a_state_goes_on_and_tells(tmp_path, caplog):
    trainer, _ = losses_of(TwoOptimizers, 1, tmp_path)
    states = capture(trainer)
    assert list(states) == ["optimizers.table"]
    with caplog.at_level(logging.WARNING):
        restore(trainer, {"gone": {}})
    assert "lacks the state of 'optimizers.table'" in caplog.text
    assert "has a state of 'gone'" in caplog.text


def test_a_list_that_holds_itself_ends():
    trainer = type("T", (), {})()
    trainer.optimizer, trainer.all = None, []
    trainer.all.append(trainer.all)
    assert learners_of(trainer) == {}
