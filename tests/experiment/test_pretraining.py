"""S3Rec: its pretraining is RecBole's own, and extraction runs when it is finetuned."""

import shutil

import pytest
import torch
from recbole.config import Config
from recbole.trainer import S3RecTrainer

import recbole_fn
from recbole_fn.experiment.build import assemble, load_data
from recbole_fn.training.trainer import FNTrainer
from tests.cli.test_dispatch import refused
from tests.helpers.runs import ON, ROOT, SMALL, fit


@pytest.fixture
def tagged(own_folder):
    """The tiny data set with two tags for each item; the keys of a pretraining on it."""
    folder = own_folder / "data" / "tagged"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "dataset" / "tiny" / "tiny.inter", folder / "tagged.inter")
    rows = [f"i{item}\tcolour{item % 5} size{item % 3}" for item in range(50)]
    (folder / "tagged.item").write_text("\n".join(["item_id:token\tclass:token_seq", *rows]) + "\n")
    columns = {"inter": ["user_id", "item_id", "timestamp"], "item": ["item_id", "class"]}
    keys = {"data_path": str(folder.parent), "load_col": columns, "train_neg_sample_args": None}
    return {**SMALL, **keys, "pretrain_epochs": 2, "save_step": 2}


def s3rec(keys, **more):
    config = Config("S3Rec", "tagged", config_dict={**keys, **more})
    return assemble(config, load_data(config))


def weights(run):
    return [parameter.detach() for parameter in run.model.parameters()]


@pytest.mark.slow
def test_pretraining_is_bit_identical_to_recboles(tagged):
    plain = s3rec(tagged)
    plain.trainer.fit(plain.train_data, plain.valid_data, verbose=False)
    recbole_fn.register()
    run = s3rec(tagged, **ON)
    run.trainer.fit(run.train_data, run.valid_data, verbose=False)
    assert type(run.trainer) is S3RecTrainer
    assert run.trainer.train_loss_dict == plain.trainer.train_loss_dict
    assert all(map(torch.equal, weights(run), weights(plain)))


@pytest.mark.slow
def test_finetuning_begins_with_the_pretrained_weights_and_extracts(tagged):
    recbole_fn.register()
    first = s3rec(tagged, **ON)
    first.trainer.fit(first.train_data, first.valid_data, verbose=False)
    stage = {"train_stage": "finetune", "pre_model_path": first.trainer.saved_model_file}
    run = s3rec(tagged, **{**ON, "fn_flip_after": 0}, **stage)
    assert isinstance(run.trainer, FNTrainer) and isinstance(run.trainer, S3RecTrainer)
    assert all(map(torch.equal, weights(run), weights(first)))
    fit(run)
    assert run.trainer.fn_state.figures[2]["flipped"] > 0


@pytest.mark.slow
def test_both_stages_run_from_one_call_each_and_are_loaded_again(tagged, own_folder):
    first = recbole_fn.run_recbole_fn("S3Rec", "tagged", ["fn.yaml"], {**tagged, **ON})
    (pretrained,) = own_folder.glob("saved/S3Rec-tagged-2.pth")
    stage = {"train_stage": "finetune", "pre_model_path": str(pretrained)}
    second = recbole_fn.run_recbole_fn("S3Rec", "tagged", ["fn.yaml"], {**tagged, **ON, **stage})
    assert first["best_valid_result"] is None and second["best_valid_result"]
    for path in own_folder.glob("saved/S3Rec-*.pth"):
        _, model, *_ = recbole_fn.load_data_and_model(str(path))
        assert model.train_stage == ("pretrain" if path == pretrained else "finetune")


@pytest.mark.slow
def test_a_second_pretraining_keeps_the_file_of_the_first(tagged, own_folder, caplog):
    recbole_fn.register()
    run = s3rec(tagged, train_stage="pretrain", checkpoint_dir="saved")
    for _ in range(2):
        run.trainer.save_pretrained_model(1, "saved/S3Rec-tagged-2.pth")
    names = sorted(path.name for path in own_folder.glob("saved/S3Rec-tagged-*.pth"))
    assert names == ["S3Rec-tagged-2-2.pth", "S3Rec-tagged-2.pth"]
    assert run.trainer.saved_model_file == "saved/S3Rec-tagged-2-2.pth"
    assert "'saved/S3Rec-tagged-2.pth' is there already" in caplog.text
    assert not list(own_folder.glob("saved/.*.claim"))[1:]  # the trainer's own name alone


@pytest.mark.slow
def test_finetuning_without_a_pretrained_model_is_one_line(tagged):
    keys = [f"--data_path={tagged['data_path']}", "--load_col=None", "--train_stage=finetune"]
    line = refused("--model=S3Rec", "--dataset=tagged", *keys, "--pre_model_path=nowhere.pth")
    assert "pre_model_path is 'nowhere.pth'" in line
