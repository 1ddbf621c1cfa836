"""The rows of a window are scored as each of them alone, whatever columns the model reads."""

import random

import pytest
import torch

from recbole_fn.data.chains import lists_chain
from recbole_fn.data.loaders import dataset_of
from recbole_fn.utils.errors import InputError
from tests.helpers.runs import pieces
from tests.helpers.user_models import AgeModel, HourModel, HoursModel


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A data set whose interactions have an hour, and whose users have an age."""
    chance, path = random.Random(1), tmp_path_factory.mktemp("context") / "context"
    path.mkdir()
    lines = ["user_id:token\titem_id:token\ttimestamp:float\thour:token"]
    for user in range(20):
        for time in range(10):
            item, hour = chance.randrange(40), chance.randrange(24)
            lines.append(f"u{user}\ti{item}\t{time}\th{hour}")
    (path / "context.inter").write_text("\n".join(lines) + "\n")
    ages = [f"u{user}\ta{user % 5}" for user in range(20)]
    (path / "context.user").write_text("\n".join(["user_id:token\tage:token", *ages]) + "\n")
    return path.parent


def prepared(model, folder, **keys):
    hours = ["user_id", "item_id", "timestamp", "hour"]
    keys["load_col"] = {"inter": hours, "user": ["user_id", "age"]}
    run = pieces(model, "context", data_path=str(folder), fn_strategy="off", **keys)
    run.trainer.fn_prepare(run.train_data)
    return run


@pytest.mark.parametrize(
    ("model", "way"), [(HourModel, "prefix"), (AgeModel, "sequence"), (HoursModel, "sequence")]
)
def test_each_row_is_scored_with_its_own_columns(model, way, folder):
    run = prepared(model, folder)
    step = run.trainer.fn_step
    assert (step.scorer.name, step.batching.name) == ("dot product", way)
    batch = step.batching.rows(next(iter(run.trainer.fn_loader)))
    run.model.eval()
    with torch.no_grad():
        ours = step.scorer.encode(run.model, batch).catalogue()
        for row, scores in zip(batch.rows.tolist(), ours, strict=True):
            alone = dataset_of(run.train_data)[torch.tensor([row])]
            own = run.model.full_sort_predict(alone).view(-1)
            torch.testing.assert_close(scores, own, atol=1e-5, rtol=1e-5)


def test_windows_that_would_lend_a_row_the_columns_of_another_are_refused(folder):
    with pytest.raises(InputError, match="'sequence', but forward reads the column 'hour' of each"):
        prepared(HourModel, folder, fn_batching="sequence")


def test_lists_of_other_columns_chain_as_those_of_items_do(folder):
    run = prepared(HoursModel, folder)
    dataset = dataset_of(run.train_data)
    dataset.inter_feat = dataset.inter_feat.whole()
    assert lists_chain(dataset) and lists_chain(dataset, "hour")
    dataset.inter_feat["hour_list"][3, 0] += 1
    assert lists_chain(dataset) and not lists_chain(dataset, "hour")
