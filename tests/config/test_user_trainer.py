"""A model's own trainer is kept, below ours: what it overrides still runs."""

import pytest
import recbole.utils
from recbole.trainer import Trainer
from recbole.trainer.trainer import DecisionTreeTrainer

import recbole_fn
from recbole_fn import checkpoint
from recbole_fn.training.trainer import FNTrainer
from tests.helpers.runs import SMALL, fit, pieces
from tests.helpers.user_models import MeanModel


class NotingTrainer(Trainer):
    """Notes which of its hooks ran."""

    def __init__(self, config, model):
        self.ran = set()
        super().__init__(config, model)

    def _build_optimizer(self, **kwargs):
        self.ran.add("optimizer")
        return super()._build_optimizer(**kwargs)

    def fit(self, *args, **kwargs):
        self.ran.add("fit")
        return super().fit(*args, **kwargs)

    def _train_epoch(self, train_data, epoch_idx, loss_func=None, show_progress=False):
        self.ran.add("train")
        return super()._train_epoch(train_data, epoch_idx, loss_func, show_progress)

    def _valid_epoch(self, valid_data, show_progress=False):
        self.ran.add("valid")
        return super()._valid_epoch(valid_data, show_progress)

    def _save_checkpoint(self, epoch, verbose=True, **kwargs):
        self.ran.add("save")
        super()._save_checkpoint(epoch, verbose, **kwargs)

    def evaluate(self, *args, **kwargs):
        self.ran.add("evaluate")
        return super().evaluate(*args, **kwargs)


class OtherLossTrainer(Trainer):
    """Puts its own loss in place of the one it is given."""

    def _train_epoch(self, train_data, epoch_idx, loss_func=None, show_progress=False):
        loss = self.model.calculate_loss
        return super()._train_epoch(train_data, epoch_idx, loss, show_progress)


def with_trainer(trainer):
    return type("MeanModel", (MeanModel,), {"trainer_class": trainer})


@pytest.mark.slow
@pytest.mark.parametrize("enabled", [True, False])
def test_the_trainer_of_a_model_is_kept_and_its_hooks_run(enabled):
    keys = {"fn_enabled": enabled, "train_neg_sample_args": None}
    run = pieces(with_trainer(NotingTrainer), **keys)
    run.trainer.fit(run.train_data, run.valid_data, verbose=False)
    assert isinstance(run.trainer, FNTrainer) is enabled
    assert run.trainer.ran == {"optimizer", "fit", "train", "valid", "save", "evaluate"}
    assert ("fn" in checkpoint.load(run.trainer.saved_model_file)) is enabled


@pytest.mark.slow
def test_it_gives_the_numbers_of_recboles_trainer():
    runs = [pieces(model, fn_flip_after=0) for model in (with_trainer(NotingTrainer), MeanModel)]
    assert fit(runs[0]) == fit(runs[1])
    assert runs[0].trainer.fn_state == runs[1].trainer.fn_state
    assert runs[0].trainer.fn_state.figures[2]["flipped"] > 0


def test_recboles_look_up_gives_it_by_the_models_name():
    run = pieces(with_trainer(NotingTrainer))
    trainer = recbole.utils.get_trainer(run.config["MODEL_TYPE"], run.config["model"])
    assert issubclass(trainer, NotingTrainer)
    assert not issubclass(type(pieces("SASRec").trainer), NotingTrainer)


@pytest.mark.parametrize("thing", [DecisionTreeTrainer, object, "MyTrainer", Trainer.fit])
def test_what_is_no_trainer_is_refused_before_data_is_read(thing):
    with pytest.raises(recbole_fn.InputError, match="'MeanModel' is .*recbole.trainer.Trainer"):
        recbole_fn.run_recbole_fn(with_trainer(thing), "nothing", config_dict=dict(SMALL))


@pytest.mark.slow
def test_a_trainer_that_trains_with_another_loss_is_refused_while_switched_on():
    model = with_trainer(OtherLossTrainer)
    with pytest.raises(recbole_fn.InputError, match="OtherLossTrainer.*loss_func"):
        fit(pieces(model))
    off = pieces(model, fn_enabled=False, train_neg_sample_args=None)
    plain = pieces(MeanModel, fn_enabled=False, train_neg_sample_args=None)
    assert fit(off) == fit(plain)
