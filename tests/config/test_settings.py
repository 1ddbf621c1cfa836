"""Keys are read once, with defaults, and mistakes are named."""

import dataclasses
import re

import pytest
import yaml

from docs.tables import TABLES
from recbole_fn.config.settings import CONSTRAINTS, FNSettings
from recbole_fn.training.parts import Parts
from recbole_fn.utils.errors import InputError


def packaged(root):
    return yaml.safe_load((root / "properties" / "fn.yaml").read_text())


# The best setting of docs/results.md; the defaults are the paper's.
WITNESS = {
    "fn_strategy": "drop",
    "fn_loss": "cross_entropy",
    "fn_sampler": "followers",
    "fn_logq": 1.0,
    "fn_prior": "followers",
}


def test_fn_yaml_names_every_key_and_differs_from_the_defaults_in_its_treatment(root):
    keys = {name: value for name, value in packaged(root).items() if name.startswith("fn_")}
    switched_on = [keys.pop(name) for name in ("fn_enabled", "fn_strict_keys")]
    assert switched_on == [True, True]
    defaults = dataclasses.asdict(FNSettings())
    of_class = {
        f"fn_{name}": value
        for name, value in defaults.items()
        if name not in ("enabled", "strict_keys")
    }
    assert keys == {**of_class, **WITNESS}


def test_the_documentation_lists_every_key_with_its_default(root):
    page = (root / "docs" / "configuration.md").read_text()
    assert "```{generated} fn_keys" in page
    rows = re.findall(r"^\| `(fn_\w+)` \| `([^`]+)`", TABLES["fn_keys"](), re.M)
    packaged_keys = {
        name: "null" if value is None else str(value)
        for name, value in packaged(root).items()
        if name.startswith("fn_")
    }
    by_the_file = {"fn_enabled": "False", "fn_strict_keys": "False"}
    defaults = {key: str(getattr(FNSettings(), key.removeprefix("fn_"))) for key in WITNESS}
    defaults["fn_prior"] = "null"
    assert dict(rows) == {**packaged_keys, **by_the_file, **defaults}


def test_absent_and_null_keys_have_their_defaults():
    assert FNSettings.from_config({"epochs": 3, "fn_neg_num": None}) == FNSettings()


def test_given_keys_win():
    settings = FNSettings.from_config({"fn_enabled": True, "fn_start": 3, "fn_neg_num": 7})
    assert (settings.enabled, settings.start, settings.neg_num) == (True, 3, 7)


def test_a_property_file_may_say_off_without_quotes():
    read = yaml.safe_load("fn_strategy: off")
    assert read == {"fn_strategy": False}
    assert FNSettings.from_config(read).strategy == "off"


def test_settings_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        FNSettings().neg_num = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("fn_neg_num", 0, "all or an integer from 1"),
        ("fn_neg_num", 2.0, "all or an integer from 1"),
        ("fn_neg_num", True, "an integer from 1"),
        ("fn_neg_num", "many", "an integer from 1"),
        ("fn_flip_after", -1, "an integer from 0"),
        ("fn_flip_after", 40_000, "to 32000"),
        ("fn_consistency_weight", -0.1, "at least 0"),
        ("fn_consistency_weight", float("nan"), "at least 0"),
        ("fn_consistency_weight", [0.3], "at least 0"),
        ("fn_teacher_decay", 1, "not including 1"),
        ("fn_teacher_decay", float("inf"), "not including 1"),
        ("fn_start", "soon", "auto, paper or an epoch"),
        ("fn_start", -1, "auto, paper or an epoch"),
        ("fn_start", 1.5, "auto, paper or an epoch"),
        ("fn_start", True, "auto, paper or an epoch"),
        ("fn_enabled", "yes", "True or False"),
        ("fn_enabled", 1, "True or False"),
        ("fn_neg_exclude", "none", "history or target"),
        ("fn_eval_with", "both", "teacher or student"),
        ("fn_batching", "window", "auto or sequence or prefix"),
        ("fn_scoring", "fast", "auto or dot or full_sort or predict"),
        (
            "fn_loss",
            "ce",
            "bce, bpr, softmax, cross_entropy, contrastive, gbce, model or package.module:Class",
        ),
        ("fn_loss", 7, "a short name or package.module:Class"),
        ("fn_strategy", "on", "flip, soft, drop, average, off or package.module:Class"),
        ("fn_sampler", "dsn", "all or package.module:Class"),
        ("fn_sampler", "no_such_module:Sampler", "there is no module 'no_such_module'"),
        ("fn_sampler", "math:Sampler", "has no 'Sampler'; it has no fn_sampler"),
        ("fn_sampler", "math:pi", "NegativeSampler that has all its abstract methods"),
        ("fn_sampler_args", 3, "a mapping of arguments"),
        ("fn_sampler_args", {"pool": 3}, "UniformSampler takes none"),
        ("fn_loss_args", {2: 3}, "a mapping of arguments"),
        ("fn_logq", 1.5, "a number from 0 to 1"),
        ("fn_callbacks", "module:Class", "a list of package.module:Class"),
        ("fn_gbce_t", 1.1, "a number from 0 to 1"),
        ("fn_memory_slots", 0, "an integer from 1"),
        ("fn_window_stride", 0, "an integer from 1 to MAX_ITEM_LIST_LENGTH"),
        ("fn_window_stride", 2.5, "an integer from 1 to MAX_ITEM_LIST_LENGTH"),
        ("fn_eval_candidates", 0, "an integer from 1"),
        ("fn_eval_candidates", "uni100", "an integer from 1"),
        ("fn_eval_exclude", "none", "history"),
        ("fn_eval_exclude", True, "history"),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(key, value, words):
    with pytest.raises(InputError) as caught:
        Parts.of({key: value})
    message = str(caught.value)
    assert key in message and repr(value) in message and words in message
    assert "\n" not in message


def test_a_stride_is_at_most_the_length_of_a_list():
    keys = {"MAX_ITEM_LIST_LENGTH": 20}
    assert FNSettings.from_config({**keys, "fn_window_stride": 20}).window_stride == 20
    with pytest.raises(InputError, match="fn_window_stride is 21; .* from 1 to .* which is 20"):
        FNSettings.from_config({**keys, "fn_window_stride": 21})


@pytest.mark.parametrize(
    ("typo", "nearest"),
    [("fn_negnum", "fn_neg_num"), ("fn_enable", "fn_enabled"), ("fn_decay", "fn_teacher_decay")],
)
def test_an_unknown_key_names_the_nearest(typo, nearest):
    with pytest.raises(InputError, match=f"{typo}.*{nearest}"):
        FNSettings.from_config({typo: 1})


def test_every_key_has_a_domain():
    assert set(CONSTRAINTS) == {f"fn_{field.name}" for field in dataclasses.fields(FNSettings)}


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"fn_neg_num": "all"}, "fn_neg_num is 'all' and fn_loss is 'bce'"),
        ({"fn_loss": "model", "fn_batching": "sequence"}, "fn_batching is 'sequence'"),
        ({"fn_logq": 1}, "fn_logq is 1, which corrects a softmax .* fn_loss is 'bce'"),
        ({"fn_logq": 0.5, "fn_loss": "softmax", "fn_neg_num": "all"}, "fn_neg_num is all"),
        ({"fn_sampler": "all"}, "fn_neg_num must be all"),
        ({"fn_loss": "gbce", "fn_loss_args": {"s": 1}}, "unknown key s .* nearest known key is t"),
        ({"fn_loss": "gbce", "fn_loss_args": {"t": 2}}, "t is 2; it must be a number from 0 to 1"),
    ],
)
def test_keys_that_contradict_each_other_are_named(keys, words):
    with pytest.raises(InputError, match=words):
        Parts.of(keys)


def test_arguments_have_defaults_older_keys_and_their_own_values():
    assert Parts.of({"fn_loss": "gbce"}).loss_args.t == 0.75
    assert Parts.of({"fn_loss": "gbce", "fn_gbce_t": 0.5}).loss_args.t == 0.5
    both = {"fn_loss": "gbce", "fn_gbce_t": 0.5, "fn_loss_args": {"t": 0.25}}
    assert Parts.of(both).loss_args.t == 0.25


@pytest.mark.parametrize(
    ("keys", "slots"),
    [
        ({}, 100),
        ({"fn_neg_num": 7}, 7),
        ({"fn_neg_num": 7, "fn_memory_slots": 3}, 3),
        ({"fn_neg_num": "all", "fn_loss": "softmax"}, 100),
        ({"fn_neg_num": "all", "fn_loss": "softmax", "fn_memory_slots": 300}, 300),
    ],
)
def test_a_row_remembers_no_more_than_it_compares(keys, slots):
    assert FNSettings.from_config(keys).slots == slots
