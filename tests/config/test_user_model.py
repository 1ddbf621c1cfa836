"""A user's own model class trains, is saved and is found again like one of RecBole's."""

import shutil
import sys

import pytest
import recbole.data
import recbole.utils
from recbole.config import Config
from recbole.quick_start import load_data_and_model as recbole_load
from recbole.quick_start import run_recbole
from recbole.trainer import Trainer

import recbole_fn
from recbole_fn import checkpoint
from recbole_fn.config.user_model import ModelName, find_user_model
from recbole_fn.data.loaders import dataset_of
from recbole_fn.experiment.build import assemble, load_data
from tests.cli.test_dispatch import refused, script, tiny
from tests.helpers.runs import ON, ROOT, SMALL, fit, pieces
from tests.helpers.user_models import MeanModel, PairModel

MODELS = [MeanModel, PairModel]
OFF = {**SMALL, "train_neg_sample_args": None}


def path_of(model):
    return f"tests.helpers.user_models:{model.__name__}"


@pytest.fixture
def own_module(own_folder, monkeypatch):
    """The file of a user, where the user stands."""
    shutil.copy(ROOT / "tests" / "helpers" / "user_models.py", own_folder / "my_models.py")
    monkeypatch.syspath_prepend(str(own_folder))
    yield own_folder / "my_models.py"
    sys.modules.pop("my_models", None)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "scorer"), [(MeanModel, "dot product"), (PairModel, "full sort")]
)
def test_it_extracts_with_the_scorer_that_suits_it(model, scorer):
    run = pieces(model, fn_flip_after=0)
    fit(run)
    assert isinstance(run.model, model) and run.config["model"] == model.__name__
    assert run.trainer.fn_step.scorer.name == scorer
    assert run.trainer.fn_state.figures[2]["flipped"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_a_class_its_path_and_recboles_own_function_give_the_same(model):
    by_class = recbole_fn.run_recbole_fn(model, "tiny", ["fn.yaml"], {**SMALL, **ON})
    by_path = recbole_fn.run_recbole_fn(path_of(model), "tiny", ["fn.yaml"], {**SMALL, **ON})
    by_key = run_recbole(None, "tiny", ["fn.yaml"], {**SMALL, **ON, "model": model})
    assert by_class == by_path == by_key


@pytest.mark.parametrize("model", MODELS)
def test_switched_off_it_is_trained_as_by_recboles_classes(model):
    config = Config(model, "tiny", config_dict=dict(OFF))  # nothing is registered here
    recbole.utils.init_seed(config["seed"], config["reproducibility"])
    loaders = recbole.data.data_preparation(config, recbole.data.create_dataset(config))
    recbole.utils.init_seed(config["seed"], config["reproducibility"])
    trainer = Trainer(config, model(config, dataset_of(loaders[0])))
    expected = trainer.fit(*loaders[:2], verbose=False, saved=False)
    result = recbole_fn.run_recbole_fn(path_of(model), "tiny", None, dict(OFF), saved=False)
    assert (result["best_valid_score"], result["best_valid_result"]) == expected


def test_a_key_of_its_own_comes_out_of_a_property_file(own_folder):
    (own_folder / "mine.yaml").write_text(f"model: {path_of(MeanModel)}\nmean_size: 24\n")
    recbole_fn.register()
    config = Config(None, "tiny", ["fn.yaml", "mine.yaml"], {**SMALL, **ON})
    model = assemble(config, load_data(config)).model
    assert isinstance(model, MeanModel)
    assert model.item_embedding.weight.shape[1] == 24
    assert config["not_given"] is None


@pytest.mark.slow
def test_a_checkpoint_is_read_by_recbole_and_by_the_package_and_resumed():
    run = pieces(path_of(PairModel), epochs=2, fn_start=0)
    run.trainer.fit(run.train_data, run.valid_data, verbose=False)
    expected = run.trainer.evaluate(run.test_data)
    for load in (recbole_load, recbole_fn.load_data_and_model):
        config, model, _, _, _, test = load(run.trainer.saved_model_file)
        assert isinstance(model, PairModel) and config["model"] == "PairModel"
        trainer = recbole.utils.get_trainer(config["MODEL_TYPE"], config["model"])(config, model)
        assert trainer.evaluate(test, load_best_model=False) == expected
    rest = pieces(PairModel, epochs=3, fn_start=0)
    rest.trainer.resume_checkpoint(run.trainer.saved_model_file)
    fit(rest)
    assert rest.trainer.start_epoch > 0 and 2 in rest.trainer.train_loss_dict


@pytest.mark.slow
def test_reading_a_checkpoint_imports_nothing_and_a_missing_module_is_told(own_module):
    run = pieces("my_models:MeanModel", epochs=1)
    run.trainer.fit(run.train_data, run.valid_data, verbose=False)
    path = run.trainer.saved_model_file
    own_module.unlink()
    del sys.modules["my_models"]
    assert checkpoint.load(path)["config"]["model"] == "MeanModel"
    with pytest.raises(recbole_fn.InputError, match=r"'my_models'.*model_class=MeanModel"):
        recbole_fn.load_data_and_model(path)
    _, model, *_ = recbole_fn.load_data_and_model(path, model_class=MeanModel)
    assert isinstance(model, MeanModel)
    with pytest.raises(recbole_fn.InputError, match=r"PairModel.*scorer") as caught:
        recbole_fn.load_data_and_model(path, model_class=PairModel)
    assert "\n" not in str(caught.value)


def local_model(size):
    class Local(MeanModel):
        def __init__(self, config, dataset):
            super().__init__({**config.final_config_dict, "mean_size": size}, dataset)

    return Local


def test_classes_of_one_name_that_cannot_be_imported_are_not_mixed_up():
    models = {size: local_model(size) for size in (8, 24)}
    runs = [pieces(models[size], epochs=1, checkpoint_dir=f"of size {size}") for size in models]
    for run, size in zip(runs, models, strict=False):
        run.trainer.fit(run.train_data, run.valid_data, verbose=False)
        path = run.trainer.saved_model_file
        assert run.model.item_embedding.weight.shape[1] == size
        with pytest.raises(recbole_fn.InputError, match=r"model_class=Local"):
            recbole_fn.load_data_and_model(path)
    for run, model in zip(runs, models.values(), strict=False):
        _, loaded, *_ = recbole_fn.load_data_and_model(run.trainer.saved_model_file, model)
        assert isinstance(loaded, model)


def test_a_checkpoint_that_names_something_else_runs_nothing(own_folder):
    run = pieces(MeanModel, epochs=1)
    for path in ("os:system", "os:getcwd", "recbole.config:Config"):
        run.config["model"] = ModelName("MeanModel", path)
        checkpoint.save({"config": checkpoint.plain_config(run.config), "state_dict": {}}, "c.pth")
        with pytest.raises(recbole_fn.InputError, match=f"'{path}'; it must be a subclass of"):
            recbole_fn.load_data_and_model("c.pth")


NEW_PROCESS = """
import recbole_fn, recbole.utils, sys
config, model, _, train, valid, test = recbole_fn.load_data_and_model(sys.argv.pop())
trainer = recbole.utils.get_trainer(config["MODEL_TYPE"], config["model"])(config, model)
print(dict(trainer.evaluate(test, load_best_model=False)))
trainer.resume_checkpoint(sys.argv.pop())
trainer.epochs = 4
trainer.fit(train, valid, verbose=False, saved=False)
print(sorted(trainer.train_loss_dict))
"""


@pytest.mark.slow
@pytest.mark.parametrize(("model", "enabled"), [(MeanModel, True), (PairModel, False)])
def test_a_class_in_the_users_folder_trains_and_is_loaded_in_another_process(
    model, enabled, own_folder
):
    package = own_folder / "mine"
    package.mkdir()
    shutil.copy(ROOT / "tests" / "helpers" / "user_models.py", package / "models.py")
    program = own_folder / "bin" / "recbole_fn"  # as pip installs it: not where the user stands
    program.parent.mkdir()
    program.write_text("import sys\nfrom recbole_fn.cli.dispatch import main\nsys.exit(main())\n")
    arguments = tiny(
        f"--model=mine.models:{model.__name__}",
        f"--fn_enabled={enabled}",
        "--train_neg_sample_args=None",
        "--state=INFO",
    )
    done = script(*arguments, program=(str(program),))
    assert done.returncode == 0, done.stderr
    assert ("extraction starts" in done.stderr) is enabled
    (saved,) = (own_folder / "saved").glob(f"{model.__name__}-*[0-9].pth")
    again = script(str(saved), str(saved), program=("-c", NEW_PROCESS))
    assert again.returncode == 0, again.stderr
    metrics, epochs = again.stdout.strip().split("\n")
    for value in eval(metrics).values():
        assert f"{value:.4f}" in done.stderr.split("Results:")[1]
    assert 3 in eval(epochs)


@pytest.mark.slow
def test_the_command_line_takes_model_and_data_set_out_of_files(own_folder):
    (own_folder / "mine.yaml").write_text(f"model: {path_of(MeanModel)}\ndataset: nothing\n")
    keys = [f"--data_path={ROOT / 'dataset'}", "--state=ERROR"]
    line = script("--config_files=fn.yaml mine.yaml", *keys).stderr
    assert "nothing.inter" in line
    done = script("--config_files=fn.yaml mine.yaml", *keys, "--dataset=tiny", "--epochs=1")
    assert done.returncode == 0, done.stderr
    assert list((own_folder / "saved").glob("MeanModel-*.pth"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("no_such:Model", ["no module 'no_such'", "Python's path"]),
        ("tests.no_such:Model", ["no module 'tests.no_such'"]),
        ("tests.helpers.user_models:MeanModle", ["no 'MeanModle'", "nearest model is MeanModel"]),
        ("tests.helpers.runs:Model", ["no 'Model'", "it has no model"]),
        (
            "tests.helpers.runs:SMALL",
            ["model is 'tests.helpers.runs:SMALL'; it must be a subclass of"],
        ),
        (
            "torch.nn:Linear",
            ["'torch.nn:Linear'; it must be a subclass of", "SequentialRecommender"],
        ),
        (
            "recbole.model.abstract_recommender:SequentialRecommender",
            ["it must be a subclass of", "not that class itself"],
        ),
        ("recbole.model.general_recommender:BPR", ["not sequential", "subclasses"]),
        ("models/mine.py:Model", ["'models/mine.py:Model'", "it must be", "module:Class"]),
        (":Model", ["it must be", "module:Class"]),
        ("mine:", ["it must be", "module:Class"]),
        ("tests.helpers.user_models.MeanModel", ["not one of RecBole's", "module:Class"]),
    ],
)
def test_a_mistake_in_the_models_path_is_named_in_one_line(model, words):
    recbole_fn.register()
    with pytest.raises(recbole_fn.InputError) as caught:
        Config(model, "tiny", config_dict={**SMALL, **ON})
    assert all(word in str(caught.value) for word in words), caught.value
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("raise OSError('two\\nlines')", "raises OSError: two lines"),
        ("import not_installed", "raises ModuleNotFoundError: No module named 'not_installed'"),
        ("class Model(", "raises SyntaxError"),
        ("import sys; sys.exit(1)", "raises SystemExit: 1"),
    ],
)
def test_a_module_that_fails_is_one_line_and_exit_code_2(content, words, own_folder):
    (own_folder / "broken.py").write_text(content + "\n")
    line = refused("--model=broken:Model")
    assert "importing 'broken'" in line and words in line


def test_names_of_recbole_and_other_things_are_left_to_recbole():
    assert [find_user_model(thing) for thing in ("SASRec", None, 5)] == [None, None, None]
