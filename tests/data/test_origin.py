"""What prepared data depends on: every key that RecBole's data code reads, files and versions."""

import re
from pathlib import Path

import pytest
import recbole.data
import recbole.sampler

from recbole_fn.data.origin import OF_LOADERS, difference, keys_of_dataset, origin_of_loaders
from recbole_fn.experiment.build import read_config
from tests.helpers.runs import ON, SMALL

# Where data lies and whether it is saved; the files' contents count instead.
PLACES = {
    "data_path",
    "checkpoint_dir",
    "dataset_save_path",
    "dataloaders_save_path",
    "save_dataset",
    "save_dataloaders",
    "local_rank",
}


def config(**keys):
    return read_config("SASRec", "tiny", None, {**SMALL, **ON, **keys})


def test_every_key_that_recboles_data_code_reads_counts():
    read = set()
    for module in (recbole.data, recbole.sampler):
        for path in Path(module.__file__).parent.rglob("*.py"):
            read |= set(re.findall(r"config\[\s*[\"'](\w+)[\"']", path.read_text()))
    assert len(read) > 60
    assert read - PLACES - OF_LOADERS - keys_of_dataset(config()) == set()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("fn_eval_candidates", 10),
        ("fn_eval_exclude", "history"),
        ("fn_eval_also", ["uni100"]),
        ("fn_neg_exclude", "target"),
        ("seed", 7),
        ("user_inter_num_interval", "[5,inf)"),
        ("eval_batch_size", 3),
    ],
)
def test_a_key_that_counts(key, value):
    before, now = origin_of_loaders(config()), origin_of_loaders(config(**{key: value}))
    assert difference(before, now).startswith(f"{key} was ")


@pytest.mark.parametrize(
    ("key", "value"),
    [("epochs", 9), ("learning_rate", 0.5), ("hidden_size", 8), ("fn_patience", 0.5)],
)
def test_a_key_of_training_does_not_count(key, value):
    assert (
        difference(origin_of_loaders(config()), origin_of_loaders(config(**{key: value}))) is None
    )
