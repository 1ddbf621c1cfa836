"""tune_ keys are checked as fn_ keys are, and the packaged file spells out their defaults."""

import dataclasses
import re

import pytest
import yaml

from docs.tables import TABLES
from recbole_fn.tune import TuneSettings
from recbole_fn.tune.settings import CONSTRAINTS
from recbole_fn.utils.errors import InputError


def packaged(root):
    keys = yaml.safe_load((root / "properties" / "tune" / "fn.yaml").read_text())
    return {name: value for name, value in keys.items() if name.startswith("tune_")}


def test_the_packaged_file_spells_out_the_defaults(root):
    defaults = dataclasses.asdict(TuneSettings())
    assert packaged(root) == {f"tune_{name}": value for name, value in defaults.items()}


def test_the_documentation_lists_every_key_with_its_default(root):
    assert "```{generated} tune_keys" in (root / "docs" / "tuning.md").read_text()
    rows = re.findall(r"^\| `(tune_\w+)` \| `([^`]+)`", TABLES["tune_keys"](), re.M)
    found = packaged(root).items()
    assert dict(rows) == {name: "null" if v is None else str(v) for name, v in found}


def test_absent_null_and_other_keys_leave_the_defaults():
    assert TuneSettings.from_keys({"epochs": 3, "tune_concurrency": None}) == TuneSettings()
    assert TuneSettings.from_keys({"tune_num_samples": 3}).num_samples == 3


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("tune_scheduler", "hyperband", "asha or median or none"),
        ("tune_search", "bayes", "random or grid or optuna or hyperopt"),
        ("tune_num_samples", 0, "an integer from 1"),
        ("tune_grace_epochs", 0, "an integer from 1"),
        ("tune_concurrency", 0, "an integer from 1"),
        ("tune_cpus_per_trial", 0.5, "an integer from 1"),
        ("tune_gpus_per_trial", 1.5, "from 0 up to 1, or an integer"),
        ("tune_gpus_per_trial", -1, "from 0 up to 1, or an integer"),
        ("tune_time_budget", 0, "above 0"),
        ("tune_seed", -1, "an integer from 0"),
        ("tune_max_failures", -1, "an integer from 0"),
        ("tune_sheduler", "asha", "nearest known key is tune_scheduler"),
    ],
)
def test_a_mistake_is_named_in_one_line(key, value, words):
    with pytest.raises(InputError) as caught:
        TuneSettings.from_keys({key: value})
    message = str(caught.value)
    assert key in message and repr(value) in message and words in message
    assert "\n" not in message


def test_every_key_has_a_domain():
    assert set(CONSTRAINTS) == {f"tune_{field.name}" for field in dataclasses.fields(TuneSettings)}
