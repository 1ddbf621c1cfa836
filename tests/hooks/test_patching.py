"""Registered, RecBole answers as before unless it is switched on; unregistered, it is itself."""

import subprocess
import sys

import pytest
import recbole.data.utils
import recbole.quick_start.quick_start as recbole_quick_start
import recbole.utils
import torch
from recbole.config import Config
from recbole.data.dataset import Dataset, SequentialDataset
from recbole.model.sequential_recommender import SASRec
from recbole.quick_start import objective_function, run_recbole
from recbole.sampler.sampler import AbstractSampler
from recbole.trainer import Trainer
from recbole.trainer.trainer import PretrainTrainer

import recbole_fn
from recbole_fn.data.loaders import sampler_of
from tests.helpers.runs import ON, SMALL, pieces

OFF = {**SMALL, "epochs": 2, "train_neg_sample_args": None}
SNAPSHOT = (
    (recbole.utils, "get_model"),
    (recbole.utils, "get_trainer"),
    (recbole.data.utils, "create_dataset"),
    (recbole.data.utils, "create_samplers"),
    (recbole.data.utils, "get_dataloader"),
    (recbole_quick_start, "get_model"),
    (recbole_quick_start, "get_trainer"),
    (recbole_quick_start, "create_dataset"),
    (Config, "_load_config_files"),
    (Config, "_get_final_config_dict"),
    (Config, "_get_model_and_dataset"),
    (Dataset, "_load_inter_feat"),
    (Dataset, "_change_feat_format"),
    (SequentialDataset, "build"),
    (Trainer, "_save_checkpoint"),
    (PretrainTrainer, "save_pretrained_model"),
)


def answers():
    return [getattr(owner, name) for owner, name in SNAPSHOT]


@pytest.mark.slow
def test_importing_changes_nothing():
    code = (
        "import recbole.utils, recbole.trainer, sys; before = recbole.utils.get_model;"
        "save = recbole.trainer.Trainer._save_checkpoint;"
        "import recbole_fn, recbole_fn.experiment.run;"
        "assert recbole.utils.get_model is before;"
        "assert recbole.trainer.Trainer._save_checkpoint is save;"
        "assert 'ray' not in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)


def test_register_twice_and_unregister_once_restores_recbole():
    before, allowed = answers(), torch.serialization.get_safe_globals()
    recbole_fn.register()
    registered = answers()
    recbole_fn.register()
    assert answers() == registered
    assert all(now is not then for now, then in zip(registered, before, strict=False))
    assert recbole_fn.is_registered()
    recbole_fn.unregister()
    recbole_fn.unregister()
    assert answers() == before and not recbole_fn.is_registered()
    assert set(torch.serialization.get_safe_globals()) == set(allowed)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "keys"),
    [
        ("SASRec", {}),
        ("GRU4Rec", {}),
        ("GRU4Rec", {"loss_type": "BPR", "train_neg_sample_args": {"sample_num": 2}}),
        ("BPR", {"train_neg_sample_args": {"sample_num": 1}}),
    ],
)
def test_registered_but_off_gives_bit_identical_metrics(model, keys):
    keys = {**OFF, **keys}
    plain = run_recbole(model, "tiny", config_dict=dict(keys), saved=False)
    recbole_fn.register()
    assert run_recbole(model, "tiny", config_dict=dict(keys), saved=False) == plain
    off = {**keys, "fn_enabled": False}
    assert run_recbole(model, "tiny", config_dict=off, saved=False) == plain
    assert recbole_fn.run_recbole_fn(model, "tiny", config_dict=off, saved=False) == plain


@pytest.mark.slow
def test_registered_but_off_the_objects_are_recboles():
    run = pieces(fn_enabled=False, train_neg_sample_args=None)
    assert type(run.model) is SASRec and type(run.trainer) is Trainer
    assert type(run.train_data) is recbole.data.dataloader.TrainDataLoader


def test_switched_on_the_objects_are_subclasses_of_recboles():
    run = pieces()
    assert isinstance(run.model, SASRec) and type(run.model) is not SASRec
    assert isinstance(run.trainer, Trainer) and type(run.trainer) is not Trainer
    assert isinstance(sampler_of(run.train_data), AbstractSampler)
    assert isinstance(run.train_data, recbole.data.dataloader.TrainDataLoader)
    assert run.config.model_class is SASRec


@pytest.mark.slow
def test_recboles_own_functions_do_the_same_once_registered():
    keys = {**SMALL, "epochs": 3, **ON}
    ours = recbole_fn.run_recbole_fn("SASRec", "tiny", ["fn.yaml"], keys)
    theirs = run_recbole("SASRec", "tiny", ["fn.yaml"], keys)
    assert theirs == ours
    tuned = {**keys, "model": "SASRec", "dataset": "tiny"}
    assert objective_function(tuned, ["fn.yaml"])["test_result"] == ours["test_result"]


def test_a_model_that_is_not_sequential_is_refused():
    with pytest.raises(recbole_fn.InputError, match="'BPR' is not sequential"):
        pieces("BPR")
