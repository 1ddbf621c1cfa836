"""Each way of scoring equals RecBole's scores, and none is taken where it would not."""

import dataclasses

import pytest
import torch

from recbole_fn.data.batching import RowBatch
from recbole_fn.data.loaders import dataset_of
from recbole_fn.data.trimming import HistoryColumns, trimmed
from recbole_fn.scoring.probe import allows_trimming, encodes_all_positions
from recbole_fn.scoring.scorers import FullSortScorer, PredictScorer
from recbole_fn.scoring.selection import choose_scorer
from recbole_fn.utils.logits import probability_to_logit
from tests.helpers.runs import NO_DROPOUT, pieces

WAYS = {
    "SASRec": "dot product",
    "GRU4Rec": "dot product",
    "NARM": "dot product",
    "Caser": "dot product",
    "FPMC": "full sort",
    "TransRec": "full sort",
    "CORE": "full sort",
    "RepeatNet": "full sort",
}
CAUSAL = {"SASRec", "GRU4Rec"}
# They read fixed columns, or let the padding, whose embedding is not 0 in RecBole, add to a sum.
FIXED_COLUMNS = {"Caser", "NextItNet", "FEARec", "HGN", "RepeatNet", "STAMP"}


def trial(run):
    rows = dataset_of(run.train_data)
    interaction = rows[torch.arange(0, len(rows), 9)]
    candidates = torch.randint(1, rows.item_num, (len(interaction), 7))
    batch = RowBatch(
        interaction, torch.arange(len(interaction)), interaction["user_id"], interaction["item_id"]
    )
    return batch, candidates


@pytest.mark.slow
@pytest.mark.parametrize("model", WAYS)
def test_the_chosen_way_equals_full_sort_predict(model):
    run = pieces(model)
    batch, candidates = trial(run)
    scorer, _ = choose_scorer(run.model, batch.interaction)
    run.model.eval()
    with torch.no_grad():
        scores = scorer.encode(run.model, batch).score(candidates)
        everything = run.model.full_sort_predict(batch.interaction).view(len(candidates), -1)
    expected = everything.gather(1, candidates)
    if model == "RepeatNet":
        expected = torch.log(expected) - torch.log1p(-expected)
    assert scorer.name == WAYS[model]
    torch.testing.assert_close(scores, expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("model", WAYS)
def test_one_pass_over_a_history_is_used_only_where_it_equals_its_prefixes(model):
    run = pieces(model)
    batch, _ = trial(run)
    scorer, _ = choose_scorer(run.model, batch.interaction)
    assert encodes_all_positions(run.model, scorer, batch.interaction) == (model in CAUSAL)


def test_predict_equals_full_sort():
    run = pieces("SASRec")
    batch, candidates = trial(run)
    run.model.eval()
    with torch.no_grad():
        torch.testing.assert_close(
            PredictScorer("item_id").encode(run.model, batch).score(candidates),
            FullSortScorer().encode(run.model, batch).score(candidates),
            atol=1e-5,
            rtol=1e-5,
        )


@pytest.mark.parametrize("model", ["RepeatNet", "SASRec"])
def test_predict_gives_logits_of_probabilities_as_full_sort_does(model):
    run = pieces(model)
    batch, candidates = trial(run)
    full, _ = choose_scorer(run.model, batch.interaction, "full_sort")
    pairs, _ = choose_scorer(run.model, batch.interaction, "predict")
    assert pairs.is_probability == full.is_probability == (model == "RepeatNet")
    run.model.eval()
    with torch.no_grad():
        torch.testing.assert_close(
            pairs.encode(run.model, batch).score(candidates),
            full.encode(run.model, batch).score(candidates),
            atol=1e-4,
            rtol=1e-4,
        )


def test_a_model_that_looks_ahead_is_found_out():
    run = pieces("SASRec")
    run.model.get_attention_mask = lambda item_seq: torch.zeros(
        len(item_seq), 1, item_seq.shape[1], item_seq.shape[1]
    )
    batch, _ = trial(run)
    scorer, _ = choose_scorer(run.model, batch.interaction)
    assert scorer.name == "dot product"
    assert not encodes_all_positions(run.model, scorer, batch.interaction)


@pytest.mark.slow
def test_a_score_with_a_bias_is_no_dot_product():
    run = pieces("SASRec")
    plain = run.model.full_sort_predict
    run.model.full_sort_predict = lambda interaction: plain(interaction) + 0.01
    scorer, _ = choose_scorer(run.model, trial(run)[0].interaction)
    assert scorer.name == "full sort"


def test_the_probe_leaves_the_model_as_it_was():
    run = pieces("SASRec", **NO_DROPOUT)
    before = {name: value.clone() for name, value in run.model.state_dict().items()}
    run.model.train()
    scorer, _ = choose_scorer(run.model, trial(run)[0].interaction)
    encodes_all_positions(run.model, scorer, trial(run)[0].interaction)
    assert run.model.training and "forward" not in vars(run.model)
    assert all(torch.equal(before[name], value) for name, value in run.model.state_dict().items())


def test_probabilities_at_the_ends_have_finite_logits_and_gradients():
    ends = torch.tensor([0.0, 1e-30, 0.5, 1.0], requires_grad=True)
    logits = probability_to_logit(ends)
    logits.sum().backward()
    assert torch.isfinite(logits).all() and torch.isfinite(ends.grad).all()
    assert logits[2].item() == 0


@pytest.mark.slow
@pytest.mark.parametrize("model", [*WAYS, "NextItNet", "FEARec", "HGN", "STAMP"])
def test_histories_are_cut_only_where_that_changes_nothing(model):
    keys = {"sub_maxpool": 1} if model == "HGN" else {}
    run = pieces(model, **keys)
    batch, candidates = trial(run)
    scorer, _ = choose_scorer(run.model, batch.interaction)
    trims = allows_trimming(run.model, scorer, batch.interaction)
    assert trims == (model not in FIXED_COLUMNS)
    if trims:
        run.model.eval()
        short = batch.select(batch.interaction["item_length"] <= 5)
        chosen = candidates[: len(short.rows)]
        cut = dataclasses.replace(
            short,
            interaction=trimmed(short.interaction, "item_length", HistoryColumns("_list", 16)),
        )
        assert cut.interaction["item_id_list"].shape[1] == 5
        with torch.no_grad():
            whole, part = (scorer.encode(run.model, each).score(chosen) for each in (short, cut))
        torch.testing.assert_close(whole, part, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("model", WAYS)
def test_rows_that_all_fill_their_lists_do_not_hide_that_shorter_ones_may_not_be_cut(model):
    run = pieces(model, MAX_ITEM_LIST_LENGTH=5)
    rows = dataset_of(run.train_data)
    full = rows[rows.inter_feat[rows.item_list_length_field] == 5][:12]
    scorer, _ = choose_scorer(run.model, full)
    assert allows_trimming(run.model, scorer, full) == (model not in FIXED_COLUMNS)
