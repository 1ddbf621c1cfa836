"""Resuming by a file alone, what contradicts it, and beginning with the weights of another run."""

import os
import re
import subprocess
import sys

import pytest
import torch
from filelock import FileLock

import recbole_fn
import recbole_fn.checkpoint.initial_weights
from recbole_fn import checkpoint
from tests.helpers.runs import ON, SMALL, pieces

KEYS = {**SMALL, **ON}
PLAIN_RUN = """
import sys
from recbole.config import Config
from recbole.data import create_dataset, data_preparation
from recbole.utils import get_model, get_trainer, init_seed

config = Config({model!r}, "tiny", config_dict={keys!r})
init_seed(config["seed"], config["reproducibility"])
data = create_dataset(config)
train, valid, test = data_preparation(config, data)
model = get_model(config["model"])(config, train._dataset)
trainer = get_trainer(config["MODEL_TYPE"], config["model"])(config, model)
trainer.fit(train, valid, verbose=False)
assert "recbole_fn" not in sys.modules
print(trainer.saved_model_file)
"""
PLAIN_SCORES = """
import sys
import torch
from recbole.config import Config
from recbole.quick_start import load_data_and_model
from recbole.utils import get_trainer

Config.compatibility_settings(None)  # RecBole's metrics need what making a Config puts into NumPy
config, model, _, _, _, test = load_data_and_model({path!r})
trainer = get_trainer(config["MODEL_TYPE"], config["model"])(config, model)
print(dict(trainer.evaluate(test, load_best_model=False)))
model.eval()
with torch.no_grad():
    (batch,) = test
    torch.save((batch[0]["user_id"], model.full_sort_predict(batch[0])), "scores.pt")
assert "recbole_fn" not in sys.modules
"""


def plain_python(program, **environment):
    """Runs a program in a process that knows nothing of this package but where it is."""
    environment = {**os.environ, "PYTHONWARNINGS": "ignore", "OMP_NUM_THREADS": "1", **environment}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().split("\n")[-1]


@pytest.fixture(scope="module")
def plain_file(tmp_path_factory):
    """A checkpoint that RecBole has written without this package."""
    folder = str(tmp_path_factory.mktemp("plain"))
    keys = {**SMALL, "epochs": 1, "train_neg_sample_args": None, "checkpoint_dir": folder}
    return plain_python(PLAIN_RUN.format(model="SASRec", keys=keys))


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    """A run of this package: its best checkpoint, and what the call returned."""
    folder = tmp_path_factory.mktemp("ours")
    result = recbole_fn.run_recbole_fn(
        "SASRec", "tiny", config_dict={**KEYS, "checkpoint_dir": str(folder)}
    )
    (path,) = folder.glob("*[0-9].pth")
    return str(path), result


@pytest.mark.slow
def test_a_finished_run_is_tested_again_by_either_file(ours):
    path, expected = ours
    for file in (path, str(checkpoint.last_file(path))):
        assert recbole_fn.run_recbole_fn(resume=file) == expected


@pytest.mark.slow
def test_the_file_alone_goes_on_and_harmless_keys_may_be_given(ours):
    path, _ = ours
    expected = recbole_fn.run_recbole_fn("SASRec", "tiny", config_dict={**KEYS, "epochs": 5})
    result = recbole_fn.run_recbole_fn(
        resume=path, config_dict={"epochs": 5, "show_progress": False, "state": "ERROR"}
    )
    assert result == expected


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("fn_neg_num", 50, "fn_neg_num 8, this run has 50"),
        ("fn_flip_after", 4, "fn_flip_after 1, this run has 4"),
        ("fn_loss", "bpr", "fn_loss 'bce', this run has 'bpr'"),
        ("seed", 1, "seed 2020, this run has 1"),
        ("learning_rate", 0.1, "learning_rate 0.01, this run has 0.1"),
        ("hidden_size", 32, "hidden_size 16, this run has 32"),
        ("user_inter_num_interval", "[3,inf)", "user_inter_num_interval .*this run has .*3,inf"),
        ("MAX_ITEM_LIST_LENGTH", 8, "MAX_ITEM_LIST_LENGTH 16, this run has 8"),
        (
            "eval_args",
            {"split": {"RS": [0.8, 0.1, 0.1]}, "order": "TO", "mode": "full"},
            "eval_args .*valid_and_test.*, this run has .*RS",
        ),
    ],
)
def test_a_key_that_contradicts_the_checkpoint_is_told(key, value, words, ours):
    with pytest.raises(recbole_fn.InputError, match=words) as caught:
        recbole_fn.run_recbole_fn(resume=ours[0], config_dict={key: value})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"model": "NARM"}, "model 'SASRec', this run has 'NARM'"),
        ({"dataset": "other"}, "dataset 'tiny', this run has 'other'"),
        ({"dataset": "o", "model": "NARM"}, "model .*'NARM'; dataset 'tiny', this run has 'o'"),
    ],
)
def test_another_model_or_data_set_is_told(keys, words, ours):
    with pytest.raises(recbole_fn.InputError, match=words):
        recbole_fn.run_recbole_fn(resume=ours[0], **keys)


@pytest.mark.parametrize("path", ["", ".", "/"])
def test_a_path_without_a_name_is_told(path):
    with pytest.raises(recbole_fn.InputError, match="it must be a checkpoint, as saved/X-last.pth"):
        recbole_fn.run_recbole_fn(resume=path)


@pytest.mark.slow
def test_a_checkpoint_that_another_process_resumes_is_told(ours):
    best = checkpoint.best_file(ours[0])
    with (
        FileLock(best.with_name(f".{best.name}.lock")),
        pytest.raises(recbole_fn.InputError, match="is resumed by another process; it must end"),
    ):
        recbole_fn.run_recbole_fn(resume=ours[0])


@pytest.mark.slow
def test_a_file_of_plain_recbole_cannot_be_resumed_and_advice_is_given(plain_file):
    with pytest.raises(recbole_fn.InputError, match=r"of plain RecBole; it must be.*--init_from="):
        recbole_fn.run_recbole_fn(resume=plain_file)
    with pytest.raises(recbole_fn.InputError, match=r"--init_from="):
        pieces().trainer.resume_checkpoint(plain_file)


@pytest.mark.slow
def test_weights_of_plain_recbole_begin_a_run_and_nothing_else_of_it_does(plain_file):
    run = pieces()
    before = run.trainer.optimizer.state_dict()
    recbole_fn.checkpoint.initial_weights.begin_with_weights(run, plain_file)
    assert run.trainer.optimizer.state_dict() == before
    unsafe = torch.load(plain_file, weights_only=False)  # written by the fixture
    assert run.model.state_dict().keys() == unsafe["state_dict"].keys()
    for name, weights in run.model.state_dict().items():
        assert torch.equal(weights, unsafe["state_dict"][name])
    result = recbole_fn.run_recbole_fn("SASRec", "tiny", config_dict=KEYS, init_from=plain_file)
    assert result["test_result"]


@pytest.mark.slow
def test_a_file_of_plain_recbole_is_loaded_with_its_data(plain_file):
    config, model, *_ = recbole_fn.load_data_and_model(plain_file)
    assert config["model"] == "SASRec" and config["epochs"] == 1
    weights = checkpoint.load(plain_file)["state_dict"]
    assert all(torch.equal(value, weights[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"model": "NARM"}, "whose model is 'SASRec'; it must be 'NARM'"),
        (
            {"hidden_size": 32},
            r"item_embedding.weight have the shape \[\d+, 16\]; .* \[\d+, 32\]",
        ),
        ({"n_layers": 3}, "have the shape None; it must be"),
    ],
)
def test_weights_that_do_not_fit_are_told(keys, words, plain_file):
    run = pieces(**keys)
    with pytest.raises(recbole_fn.InputError, match=words) as caught:
        recbole_fn.checkpoint.initial_weights.begin_with_weights(run, plain_file)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_recbole_evaluates_our_checkpoint_without_this_package(ours, own_folder):
    path, result = ours
    program = PLAIN_SCORES.format(path=path)
    printed = plain_python(program, TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD="1")
    assert printed == str(dict(result["test_result"]))
    _, model, _, _, _, test = recbole_fn.load_data_and_model(path)
    model.eval()
    ((rows, *_),) = test
    with torch.no_grad():
        scores = model.full_sort_predict(rows)
    users, plain = torch.load("scores.pt")
    assert torch.equal(rows["user_id"].sort().values, users.sort().values)
    assert torch.equal(scores[rows["user_id"].argsort()], plain[users.argsort()])


@pytest.mark.slow
def test_the_command_line_resumes(ours, capsys, monkeypatch):
    from recbole_fn.cli.dispatch import main

    arguments = [f"--resume={ours[0]}", "--fn_neg_num=50"]
    monkeypatch.setattr("sys.argv", ["run_recbole_fn.py", *arguments])
    assert main() == 2
    assert re.search("error: .*fn_neg_num 8, this run has 50", capsys.readouterr().err)
    monkeypatch.setattr("sys.argv", ["run_recbole_fn.py", arguments[0], "--state=ERROR"])
    assert main() == 0
    monkeypatch.setattr("sys.argv", ["x", "--resume=a", "--init_from=b"])
    assert main() == 2
