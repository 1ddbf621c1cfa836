"""An item is scored with its own features, whatever the target of the row has."""

import random

import pytest
import torch

from recbole_fn.data.loaders import dataset_of
from recbole_fn.recommendation.scoring import all_scores
from tests.helpers.runs import pieces
from tests.helpers.user_models import LabelledPriceModel, PriceModel


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A data set whose items have a price, and a list of sizes."""
    chance, path = random.Random(1), tmp_path_factory.mktemp("priced") / "priced"
    path.mkdir()
    lines = ["user_id:token\titem_id:token\ttimestamp:float"]
    lines += [f"u{u}\ti{chance.randrange(30)}\t{t}" for u in range(20) for t in range(8)]
    (path / "priced.inter").write_text("\n".join(lines) + "\n")
    lines = ["item_id:token\tprice:float\tsizes:token_seq"]
    lines += [f"i{item}\t{item / 10}\ts{item % 3} s4" for item in range(30)]
    (path / "priced.item").write_text("\n".join(lines) + "\n")
    return path.parent


def built(model, folder, **keys):
    item = ["item_id", "price", "sizes"]
    columns = {"inter": ["user_id", "item_id", "timestamp"], "item": item}
    keys = {"fn_strategy": "off", "epochs": 1, **keys}
    return pieces(model, "priced", data_path=str(folder), load_col=columns, **keys)


def scores_one_by_one(run, rows):
    """Each row with each item, joined by RecBole as evaluation joins them: [rows, num_items]."""
    data = dataset_of(run.train_data)
    scores = torch.empty(len(rows), data.item_num)
    for row in range(len(rows)):
        for item in range(data.item_num):
            pair = data[rows[row : row + 1]]
            pair.interaction["item_id"] = torch.tensor([item])
            scores[row, item] = run.model.predict(data.join(pair))
    return scores


@torch.no_grad()
def test_candidates_bring_their_own_features_along(folder):
    run = built(PriceModel, folder)
    run.trainer.fn_prepare(run.train_data)
    step = run.trainer.fn_step
    assert step.scorer.name == "predict"
    batch = step.batching.rows(next(iter(run.trainer.fn_loader)))
    few = torch.arange(len(batch.rows)) < 6
    batch = batch.select(few)
    expected = scores_one_by_one(run, batch.rows)
    encoded = step.scorer.encode(run.model.eval(), batch)
    items = torch.randint(1, 30, (6, 9))
    torch.testing.assert_close(encoded.score(items), expected.gather(1, items))
    torch.testing.assert_close(encoded.catalogue(), expected)
    torch.testing.assert_close(encoded.select(slice(2, 4)).catalogue(), expected[2:4])
    rows = dataset_of(run.train_data)[batch.rows]
    torch.testing.assert_close(all_scores(run.model, rows, run.dataset), expected)


def test_a_mask_that_a_model_counts_as_an_item_has_no_features(folder):
    run = built(PriceModel, folder)
    run.trainer.fn_prepare(run.train_data)
    step = run.trainer.fn_step
    batch = step.batching.rows(next(iter(run.trainer.fn_loader)))
    run.model.n_items += 1  # as S3Rec's
    encoded = step.scorer.encode(run.model, batch)
    assert encoded.catalogue().shape == (len(batch.rows), run.dataset.item_num)


@pytest.mark.parametrize("model", [PriceModel, LabelledPriceModel])
def test_a_models_own_loss_gets_the_features_of_negatives(model, folder):
    run = built(model, folder, fn_loss="model")
    price, sizes = (run.dataset.item_feat[name] for name in ("price", "sizes"))
    run.trainer.fit(run.train_data, None, verbose=False, saved=False)
    is_pairwise = model is PriceModel
    assert run.model.seen
    for batch in run.model.seen:
        assert torch.equal(batch["price"], price[batch["item_id"]])
        assert torch.equal(batch["sizes"], sizes[batch["item_id"]])
        if is_pairwise:
            assert torch.equal(batch["neg_price"], price[batch["neg_item_id"]])
            assert torch.equal(batch["neg_sizes"], sizes[batch["neg_item_id"]])
        else:
            assert batch["label"].unique().tolist() == [0, 1]


def test_columns_of_a_models_own_loss_are_those_of_recbole(folder):
    keys = {"fn_enabled": False, "train_neg_sample_args": {"distribution": "uniform"}}
    plain, ours = built(PriceModel, folder, **keys), built(PriceModel, folder, fn_loss="model")
    for run in (plain, ours):
        run.trainer.fit(run.train_data, None, verbose=False, saved=False)
    names = [set(run.model.seen[-1].interaction) - {"fn_row_id"} for run in (plain, ours)]
    assert names[0] == names[1]


def test_a_row_without_a_negative_has_no_part_in_a_loss_that_reads_features_first(folder):
    class FeaturesFirst(PriceModel):
        def negative(self, interaction):
            interaction["neg_price"]
            return super().negative(interaction)

    run = built(FeaturesFirst, folder, fn_loss="model", fn_sampler="in_batch", train_batch_size=1)
    run.trainer.fit(run.train_data, None, verbose=False, saved=False)
    assert set(run.trainer.train_loss_dict.values()) == {0.0}


def test_items_without_features_cost_nothing():
    run = pieces(fn_scoring="predict", epochs=1)
    run.trainer.fn_prepare(run.train_data)
    assert run.trainer.fn_step.scorer.features == {}
