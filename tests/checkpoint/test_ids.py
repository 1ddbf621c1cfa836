"""Weights of ids are not used with data that give these ids to other items or users."""

import shutil

import pytest

import recbole_fn
from recbole_fn.checkpoint.ids import require_same_ids
from recbole_fn.recommendation.loading import Loaded
from tests.helpers.runs import ON, ROOT, SMALL, pieces

KEYS = {**SMALL, **ON, "epochs": 1}
READERS = {
    "load_data_and_model": recbole_fn.load_data_and_model,
    "recommend": Loaded.from_file,
}


def trained(folder, model):
    """A checkpoint of a model trained on a copy of the data, and the file of interactions."""
    shutil.copytree(ROOT / "dataset" / "tiny", folder / "tiny")
    keys = {**KEYS, "data_path": str(folder), "checkpoint_dir": str(folder / "saved")}
    recbole_fn.run_recbole_fn(model, "tiny", config_dict=keys)
    (checkpoint,) = (folder / "saved").glob("*[0-9].pth")
    return checkpoint, folder / "tiny" / "tiny.inter", keys


def exchange(file, column, one, other):
    """Two tokens change places: as many rows, users and items as before."""
    head, *rows = [line.split("\t") for line in file.read_text().splitlines()]
    of = {one: other, other: one}
    for row in rows:
        row[column] = of.get(row[column], row[column])
    file.write_text("\n".join("\t".join(row) for row in [head, *rows]) + "\n")


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS)
def test_items_with_other_ids_are_told(reader, tmp_path):
    file, rows, keys = trained(tmp_path, "SASRec")
    READERS[reader](str(file))
    exchange(rows, 1, *_first_two(rows, 1))
    with pytest.raises(recbole_fn.InputError, match="tiny.* has now; they must be") as caught:
        READERS[reader](str(file))
    assert str(file) in str(caught.value) and "other items" in str(caught.value)
    with pytest.raises(recbole_fn.InputError, match="init_from is .*other items"):
        recbole_fn.run_recbole_fn("SASRec", "tiny", config_dict=keys, init_from=str(file))


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("model", ["SASRec", "FPMC"])
def test_users_with_other_ids_are_told_by_models_that_have_vectors_of_users(
    model, reader, tmp_path
):
    file, rows, _ = trained(tmp_path, model)
    exchange(rows, 0, *_first_two(rows, 0))
    if model == "SASRec":
        READERS[reader](str(file))
    else:
        with pytest.raises(recbole_fn.InputError, match="other users"):
            READERS[reader](str(file))


@pytest.mark.parametrize("keep", [None, "first"])
@pytest.mark.parametrize("is_plain", [True, False])
def test_plain_recbole_with_rm_dup_inter_warns_of_its_ids(is_plain, keep, caplog):
    run, state = pieces(), {"config": {"rm_dup_inter": keep}}
    require_same_ids(state if is_plain else {**state, "fn": {}}, run.dataset, run.model, "a.pth")
    assert ("its ids depend on the machine" in caplog.text) == (is_plain and keep is not None)


def _first_two(file, column):
    """Exchanging these changes the ids, which go by the first appearance."""
    tokens = [line.split("\t")[column] for line in file.read_text().splitlines()[1:]]
    return list(dict.fromkeys(tokens))[:2]
