"""However a run is put together, with fn_enabled it extracts, or one line says why not."""

import dataclasses
import subprocess
import sys

import pytest
from recbole.config import Config
from recbole.data import create_dataset, data_preparation
from recbole.data.dataloader import TrainDataLoader
from recbole.model.sequential_recommender import SASRec
from recbole.trainer import Trainer
from recbole.utils import get_model, get_trainer

import recbole_fn
from recbole_fn.data.loaders import dataset_of
from recbole_fn.experiment.build import load_data
from tests.helpers.runs import ON, ROOT, SMALL, fit, pieces

KEYS = {**SMALL, **ON, "fn_flip_after": 0}


def config(**keys):
    return Config("SASRec", "tiny", config_dict={**KEYS, **keys})


def loaders(cfg):
    return data_preparation(cfg, create_dataset(cfg))


@pytest.mark.slow
@pytest.mark.parametrize("look_up", [lambda *_: Trainer, get_trainer], ids=["by hand", "before"])
def test_recboles_own_trainer_is_refused(look_up):
    recbole_fn.register()
    cfg = config()
    train, valid, test = loaders(cfg)
    model = SASRec(cfg, dataset_of(train))
    trainer = look_up(cfg["MODEL_TYPE"], "SASRec")(cfg, model)
    with pytest.raises(recbole_fn.InputError, match="fn_enabled is True, but trainer Trainer is"):
        trainer.fit(train, valid)
    assert trainer.evaluate(test, load_best_model=False)


@pytest.mark.slow
@pytest.mark.parametrize("model", [lambda *_: SASRec, get_model], ids=["by hand", "before"])
def test_a_model_made_by_hand_extracts_with_our_trainer(model):
    recbole_fn.register()
    import recbole.utils

    cfg = config()
    train, valid, _ = loaders(cfg)
    plain = model("SASRec")(cfg, dataset_of(train))
    trainer = recbole.utils.get_trainer(cfg["MODEL_TYPE"], "SASRec")(cfg, plain)
    trainer.fit(train, valid, verbose=False, saved=False)
    assert trainer.fn_state.figures[2]["flipped"] > 0


def test_a_model_made_by_hand_has_no_prior_and_is_refused_where_one_is_asked_for():
    recbole_fn.register()
    import recbole.utils

    cfg = config(fn_prior="followers")
    train, valid, _ = loaders(cfg)
    plain = SASRec(cfg, dataset_of(train))
    trainer = recbole.utils.get_trainer(cfg["MODEL_TYPE"], "SASRec")(cfg, plain)
    with pytest.raises(recbole_fn.InputError, match="fn_prior is 'followers', but the model is"):
        trainer.fit(train, valid)


@pytest.mark.slow
def test_the_trainer_of_a_run_that_is_switched_off_is_left_alone():
    recbole_fn.register()
    cfg = config(fn_enabled=False, train_neg_sample_args=None)
    train, *_ = loaders(cfg)
    trainer = Trainer(cfg, SASRec(cfg, dataset_of(train)))
    trainer.fit(train, verbose=False, saved=False)
    assert list(trainer.train_loss_dict) == [0, 1, 2]


def test_a_loader_of_plain_recbole_is_refused():
    run = pieces()
    plain = TrainDataLoader(run.config, dataset_of(run.train_data), None)
    with pytest.raises(
        recbole_fn.InputError, match=r"loader of training is a TrainDataLoader; it must be made"
    ):
        fit(dataclasses.replace(run, train_data=plain))


@pytest.mark.slow
def test_a_configuration_from_before_register_is_refused():
    cfg = config(loss_type="BPR", train_neg_sample_args={"distribution": "uniform"})
    recbole_fn.register()
    data = load_data(cfg)
    with pytest.raises(recbole_fn.InputError, match=r"was made before recbole_fn.register\(\)"):
        import recbole.utils

        model = SASRec(cfg, dataset_of(data[1][0]))
        trainer = recbole.utils.get_trainer(cfg["MODEL_TYPE"], "SASRec")(cfg, model)
        trainer.fit(*data[1][:2], verbose=False, saved=False)


SCRIPT = """
from recbole.config import Config
from recbole.data import create_dataset, data_preparation
from recbole.utils import get_model, get_trainer, init_seed
import recbole_fn
recbole_fn.register()
config = Config("SASRec", "tiny", config_dict={keys})
train, valid, test = data_preparation(config, create_dataset(config))
model = get_model("SASRec")(config, train._dataset)
get_trainer(config["MODEL_TYPE"], "SASRec")(config, model).fit(train, valid)
"""


@pytest.mark.slow
def test_a_script_that_has_imported_its_names_before_ends_with_a_line(own_folder):
    script = SCRIPT.format(keys=repr(KEYS))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        cwd=own_folder,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "InputError: fn_enabled is True, but trainer Trainer" in done.stderr.splitlines()[-1]


def names(ours, theirs):
    return {name for name in set(ours) - set(theirs) if not name.startswith("__")}


@pytest.mark.slow
def test_what_is_mixed_into_a_users_classes_has_names_of_its_own():
    run, plain = pieces(), pieces(fn_enabled=False, train_neg_sample_args=None)
    fit(run)
    fit(plain)
    mixed = names(dir(run.trainer), dir(plain.trainer)) | names(
        dir(run.model), dir(SASRec(run.config, dataset_of(run.train_data)))
    )
    assert len(mixed) > 8
    assert {name for name in mixed if not name.startswith(("fn_", "_fn_"))} == set()
    assert run.trainer.learner == plain.trainer.learner == "adam"  # RecBole's name of an optimizer


class Names(Trainer):
    """Has attributes by names that anybody would choose."""

    NAMES = ("progress", "learner", "settings", "last", "sampler", "state", "step", "callbacks")

    def __init__(self, config, model):
        super().__init__(config, model)
        for name in self.NAMES[2:]:
            setattr(self, name, f"my {name}")
        self.progress = "my progress"


@pytest.mark.slow
def test_a_users_attributes_stay_the_users():
    from tests.helpers.user_models import MeanModel

    model = type("MeanModel", (MeanModel,), {"trainer_class": Names, "plain": "p", "epoch": 3})
    run = pieces(model, fn_flip_after=0)
    fit(run)
    assert run.trainer.fn_state.figures[2]["flipped"] > 0
    for name in ("settings", "last", "sampler", "state", "step", "callbacks", "progress"):
        assert getattr(run.trainer, name) == f"my {name}"
    assert (run.model.plain, run.model.epoch, run.trainer.learner) == ("p", 3, "adam")
