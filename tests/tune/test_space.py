"""The space: two formats of files, and mistakes that are told before anything runs."""

import math

import pytest

from recbole_fn.tune.definition import define
from recbole_fn.tune.dimension import Dimension, dimensions
from recbole_fn.tune.search import Search
from recbole_fn.tune.space import expanded, read_space
from recbole_fn.tune.tuning import tune
from recbole_fn.utils.errors import InputError
from tests.helpers.runs import SMALL

ON = {**SMALL, "fn_enabled": True}


def defined(space, fixed=None, tune_keys=None):
    """The search of a space over a small configuration."""
    return define("SASRec", "tiny", ON, fixed or {}, dimensions(space), tune_keys or {})[0]


def test_yaml_with_every_kind(own_folder):
    (own_folder / "space.yaml").write_text(
        "a: {choice: [1, x]}\nb: {grid: [1, 2]}\nc: {uniform: [0, 1.5]}\n"
        "d: {loguniform: [1e-4, 1e-2]}\ne: {quniform: [16, 64, 16]}\nf: {randint: [1, 4]}\n"
        "tune_num_samples: 7\n"
    )
    searched, tune_keys = read_space(["space.yaml"])
    assert tune_keys == {"tune_num_samples": 7}
    assert [(one.name, one.kind, one.values) for one in searched] == [
        ("a", "choice", (1, "x")),
        ("b", "grid", (1, 2)),
        ("c", "uniform", (0, 1.5)),
        ("d", "loguniform", (1e-4, 1e-2)),
        ("e", "quniform", (16, 64, 16)),
        ("f", "randint", (1, 4)),
    ]


def test_a_later_file_wins_and_null_takes_a_key_out(own_folder):
    (own_folder / "mine.yaml").write_text("hidden_dropout_prob: null\nfn_neg_num: {choice: [7]}\n")
    searched, tune_keys = read_space(["tune/fn.yaml", "mine.yaml"])
    space = {one.name: one.values for one in searched}
    assert "hidden_dropout_prob" not in space and space["fn_neg_num"] == (7,)
    assert tune_keys["tune_scheduler"] == "asha"


@pytest.mark.slow
def test_the_packaged_space_is_one_of_the_main_job():
    assert (
        len(
            defined(
                {one.name: {one.kind: list(one.values)} for one in read_space(["tune/fn.yaml"])[0]}
            ).space
        )
        == 5
    )


def test_recboles_lines_are_read_without_running_them(own_folder):
    (own_folder / "hyper.test").write_text(
        "learning_rate loguniform -8, -2\n\n# words\nhidden_size choice [16, 32]\n"
        "sizes choice ['[64,64]','[12]']\nweight_decay uniform 0,0.1\nn_layers quniform 1,4,1\n"
    )
    searched = {one.name: one for one in read_space(["hyper.test"])[0]}
    assert searched["learning_rate"].values == (math.exp(-8), math.exp(-2))
    assert searched["hidden_size"].values == (16, 32)
    assert searched["sizes"].values == ([64, 64], [12])
    assert searched["weight_decay"].values == (0, 0.1)
    assert searched["n_layers"] == Dimension("n_layers", "quniform", (1, 4, 1))


@pytest.mark.parametrize(
    "line",
    [
        "a choice __import__('os').system('touch executed')",
        'a choice [\'__import__("os").system("touch executed")\', (]',
        "a gaussian 0,1",
        "a choice",
    ],
)
def test_a_broken_line_is_named_and_runs_nothing(line, own_folder):
    (own_folder / "hyper.test").write_text(f"{line}\n")
    with pytest.raises(InputError, match=r"line 1 of .*hyper\.test"):
        read_space(["hyper.test"])
    assert not (own_folder / "executed").exists()


@pytest.mark.parametrize(
    ("space", "words"),
    [
        ({}, "space is empty"),
        ({"a": None}, "space is empty"),
        ({"learning_rate": 0.1}, "learning_rate of the space is 0.1; it must be {choice"),
        ({"learning_rate": {"normal": [0, 1]}}, "{'normal': [0, 1]}; it must be {choice"),
        ({"learning_rate": {"choice": []}}, "choice: []; it must be a list that is not empty"),
        ({"learning_rate": {"uniform": [1, 0]}}, "uniform: [1, 0]; the low must be below"),
        ({"learning_rate": {"uniform": [1, 1]}}, "uniform: [1, 1]; the low must be below"),
        ({"learning_rate": {"uniform": [1]}}, "uniform: [1]; they must be 2 numbers"),
        ({"learning_rate": {"uniform": ["a", "b"]}}, "they must be 2 numbers"),
        ({"learning_rate": {"uniform": [0, math.inf]}}, "they must be 2 numbers"),
        ({"learning_rate": {"loguniform": [0, 1]}}, "the low must be above 0"),
        ({"hidden_size": {"randint": [1.5, 3]}}, "they must be 2 integers"),
        ({"hidden_size": {"quniform": [1, 3]}}, "they must be 3 numbers"),
        ({"hidden_size": {"quniform": [1, 3, 5]}}, "the step must be above 0 and fit"),
        ({"learnin_rate": {"choice": [1]}}, "the key 'learnin_rate', which nothing reads"),
        ({"learnin_rate": {"choice": [1]}}, "of which learning_rate is the nearest"),
        ({"fn_flip_afer": {"choice": [1]}}, "of which fn_flip_after is the nearest"),
        ({"fn_flip_after": {"choice": [3, -1]}}, "fn_flip_after is -1; it must be an integer"),
        ({"fn_flip_after": {"uniform": [1, 8]}}, "fn_flip_after is 1.0; it must be an integer"),
        ({"fn_teacher_decay": {"uniform": [0.5, 2.5]}}, "fn_teacher_decay is 2.5"),
        ({"eval_args.ordr": {"choice": ["TO"]}}, "the key 'eval_args.ordr', which nothing reads"),
        ({"epochs.few": {"choice": [1]}}, "the key 'epochs.few', which nothing reads"),
    ],
)
def test_a_bad_space_is_told_in_one_line(space, words):
    with pytest.raises(InputError) as caught:
        defined(space)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_grid_search_and_searchers_say_which_kinds_they_take():
    for search, kind, values in (("grid", "uniform", [0, 1]), ("optuna", "grid", [0.1])):
        with pytest.raises(InputError, match=f"learning_rate of the space is {kind}.*{search}"):
            defined({"learning_rate": {kind: values}}, tune_keys={"tune_search": search})


def test_a_key_within_a_key_leaves_the_others_as_they_are():
    base = {"eval_args": {"order": "TO", "mode": {"valid": "full", "test": "full"}}}
    nested = expanded({"eval_args.mode.valid": "uni100", "epochs": 3}, base)
    assert nested["eval_args"] == {"order": "TO", "mode": {"valid": "uni100", "test": "full"}}
    assert nested["epochs"] == 3 and base["eval_args"]["mode"]["valid"] == "full"


def test_keys_of_a_trial_are_those_of_files_then_fixed_ones_then_chosen_ones():
    space = {"learning_rate": {"choice": [1]}, "eval_args.order": {"choice": ["TO"]}}
    search = defined(space, {"epochs": 9})
    keys = search.keys_of({"learning_rate": 0.5, "eval_args.order": "TO"})
    assert (keys["epochs"], keys["learning_rate"], keys["hidden_size"]) == (9, 0.5, 16)
    assert keys["eval_args"]["order"] == "TO" and keys["eval_args"]["mode"]["valid"] == "full"
    assert (keys["model"], keys["dataset"]) == ("SASRec", "tiny")


def test_a_fixed_key_is_not_searched_over():
    space = {"learning_rate": {"choice": [1]}, "epochs": {"choice": [1]}}
    assert [one.name for one in defined(space, {"epochs": 9}).space] == ["learning_rate"]
    with pytest.raises(InputError, match="every key of the space has a fixed value"):
        defined({"epochs": {"choice": [1]}}, {"epochs": 9})


def test_a_search_comes_back_from_its_text():
    search = defined(
        {"learning_rate": {"loguniform": [1e-05, 0.1]}}, {"topk": [1, 5], "clip_grad_norm": None}
    )
    assert Search.from_text(search.as_text()) == search


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"hidden_size choice {[]: 1}", "must be literals"),
        (b"hidden_size choice " + b"[" * 9000 + b"]" * 9000, "must be literals"),
        (b"learning_rate loguniform 0,1000", "logarithms '0,1000'; they must be at most 709"),
        (b"hidden_size choice [\xe9]", "must be text in UTF-8"),
    ],
)
def test_a_line_that_python_cannot_read_is_told_in_our_own_words(content, words, own_folder):
    (own_folder / "hyper.test").write_bytes(content)
    with pytest.raises(InputError, match="hyper.test") as raised:
        read_space(["hyper.test"])
    assert words in str(raised.value) and len(str(raised.value)) < 250


def test_arguments_of_a_sampler_are_searched_over_whether_they_are_given_or_not():
    space = {"fn_sampler_args.pool": {"choice": [16, 32]}, "learning_rate": {"choice": [0.1]}}
    for given in (None, {"margin": 0.5}, {"pool": 64}):
        keys = {**ON, "fn_sampler": "semi_hard", "fn_sampler_args": given}
        search, _ = define("SASRec", "tiny", keys, {}, dimensions(space), {})
        trial = search.keys_of({"fn_sampler_args.pool": 32, "learning_rate": 0.1})
        assert trial["fn_sampler_args"] == {**(given or {}), "pool": 32}


def test_a_value_of_the_call_is_not_searched_over():
    space = {"fn_sampler_args.pool": {"choice": [16]}, "fn_sampler_args.margin": {"choice": [0.1]}}
    fixed = {"fn_sampler": "semi_hard", "fn_sampler_args": {"pool": 64}}
    search = defined(space, fixed)
    assert [one.name for one in search.space] == ["fn_sampler_args.margin"]


@pytest.mark.parametrize(
    ("space", "words"),
    [
        ({"fn_sampler_args.pool": {"choice": [0]}}, "fn_sampler_args of the space: pool is 0"),
        ({"fn_sampler_args.pol": {"choice": [8]}}, "the nearest known key is pool"),
        ({"fn_prior_args.window": {"choice": [8]}}, "'fn_prior_args.window', which nothing reads"),
    ],
)
def test_a_wrong_argument_of_the_space_is_one_line(space, words):
    with pytest.raises(InputError) as error:
        defined(space, {"fn_sampler": "dns"})
    assert words in str(error.value)


def test_keys_that_are_not_searched_over_are_named(own_folder, monkeypatch, capsys):
    for name in ("run_trials", "conclude"):
        monkeypatch.setattr(f"recbole_fn.tune.tuning.{name}", lambda *_: None)
    space = {"learning_rate": {"choice": [0.1]}, "fn_neg_num": {"choice": [4, 8]}}
    tune("SASRec", "tiny", None, {**ON, "learning_rate": 0.01}, space, "out")
    assert "Not searched over, as the call has a value: learning_rate." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("model", ["GRU4Rec"], "the key 'model'; it must be left out, as a search has one model"),
        ("dataset", ["tiny"], "the key 'dataset'; it must be left out"),
        ("checkpoint_dir", ["a", "b"], "the key 'checkpoint_dir'; it must be left out"),
        ("valid_metric_bigger", [True, False], "several values of 'valid_metric_bigger'"),
        ("fn_eval_candidates", [5, 40], "several values of 'fn_eval_candidates'"),
        ("fn_eval_also", [["uni3"], ["uni5"]], "several values of 'fn_eval_also'"),
        ("eval_args", [{"mode": "full"}, {"mode": "uni9"}], "several values of 'eval_args'"),
        ("eval_args.order", ["TO", "RO"], "several values of 'eval_args.order'"),
        ("valid_metric", ["NDCG@10", "Recall@10"], "several values of 'valid_metric'"),
        ("topk", [[5], [10]], "several values of 'topk'"),
        ("user_inter_num_interval", ["[1,inf)", "[9,inf)"], "'user_inter_num_interval'"),
        ("fn_whole_times", [True, False], "several values of 'fn_whole_times'"),
        ("eval_step", [1, 0], "eval_step of the space is choice: [1, 0]; all must be at least 1"),
    ],
)
def test_keys_by_which_trials_are_compared_are_the_same_in_all(name, values, words):
    with pytest.raises(InputError, match="it must|all must") as error:
        defined({name: {"choice": values}})
    assert words in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("seed", [1, 2]),
        ("eval_step", [1, 2]),
        ("eval_batch_size", [64, 128]),
        ("fn_eval_with", ["teacher", "student"]),
        ("fn_eval_candidates", [5]),
        ("MAX_ITEM_LIST_LENGTH", [8, 16]),
        ("fn_feedback_targets", ["ignore", "exclude"]),
    ],
)
def test_keys_of_training_and_those_with_one_value_are_searched_over(name, values):
    assert [one.values for one in defined({name: {"choice": values}}).space] == [tuple(values)]


def test_off_needs_no_quotes_in_a_space(own_folder):
    (own_folder / "space.yaml").write_text("fn_strategy: {choice: [off, drop]}\n")
    space = {one.name: {one.kind: list(one.values)} for one in read_space(["space.yaml"])[0]}
    assert defined(space).space[0].values == ("off", "drop")


def test_paths_of_a_search_are_absolute_wherever_they_stand(own_folder):
    here = str(own_folder / "shown.tsv")
    listed = {**ON, "fn_sampler": "listed", "fn_sampler_args": {"file": "shown.tsv"}}
    rate = {"learning_rate": {"choice": [0.1]}}
    shared = {**listed, "pretrain_path": "a.pth", "fn_log": "log.jsonl", "pre_model_path": ""}
    keys = define("SASRec", "tiny", shared, {}, dimensions(rate), {})[0].shared
    assert keys["fn_sampler_args"] == {"file": here}
    assert keys["pretrain_path"] == str(own_folder / "a.pth")
    assert (keys["fn_log"], keys["pre_model_path"]) == ("log.jsonl", "")

    for name, value, given in (
        ("fn_sampler_args.file", "shown.tsv", {"file": None}),
        ("fn_sampler_args", {"file": "shown.tsv"}, None),
    ):
        space = dimensions({name: {"choice": [value]}, "fn_sampler": {"grid": ["listed"]}})
        base = {**ON, "fn_sampler": "listed", "fn_sampler_args": given}
        search = define("SASRec", "tiny", base, {}, space, {})[0]
        chosen = {one.name: one.values[0] for one in search.space}
        assert search.keys_of(chosen)["fn_sampler_args"]["file"] == here
    # Another key within the arguments: the rest of them is `outer`.
    space = dimensions({"fn_sampler_args.column": {"choice": [None]}})
    search = define("SASRec", "tiny", listed, {}, space, {})[0]
    assert search.outer["fn_sampler_args"]["file"] == here


def test_a_text_named_file_that_is_no_path_stays_as_it_is(own_folder):
    space = dimensions({"fn_sampler_args.margin": {"choice": [0.5]}})
    keys = {**ON, "fn_sampler": "semi_hard", "fn_sampler_args": {"margin": 0.1}}
    assert define("SASRec", "tiny", keys, {}, space, {})[0].shared["fn_sampler_args"] == {
        "margin": 0.1
    }


def test_a_range_with_one_multiple_is_that_one():
    for values, first in (([10, 20, 15], 15), ([0.1, 0.3, 0.2], 0.2)):
        (one,) = dimensions({"a": {"quniform": values}})
        assert one.extremes == (first, first)
    for values in ([17, 20, 8], [0.1, 0.14, 0.15], [1, 9, 0]):
        with pytest.raises(InputError, match="the step must be above 0 and fit"):
            dimensions({"a": {"quniform": values}})
