"""Data and models at the edge of what there is are trained through, to the test metrics."""

import dataclasses
import math
from pathlib import Path

import pytest
import recbole
import torch
import yaml
from recbole.model.sequential_recommender import SASRec

import recbole_fn
from recbole_fn.data.loaders import dataset_of
from tests.helpers.runs import ON, SMALL, fit, pieces

KEYS = {**SMALL, **ON, "data_path": "data", "fn_flip_after": 0, "n_layers": 1}
KEYS |= {"state": "ERROR", "topk": 5, "valid_metric": "NDCG@5"}
HEAD = "user_id:token\titem_id:token\ttimestamp:float\n"


def write(rows):
    """Writes a data set `edge` of (user, item) pairs in order of time."""
    lines = [f"{user}\t{item}\t{time}\n" for time, (user, item) in enumerate(rows)]
    folder = Path("data/edge")
    folder.mkdir(parents=True)
    (folder / "edge.inter").write_text(HEAD + "".join(lines), encoding="utf-8")


def users(count=20, length=6, items=12):
    """Interactions of users who walk round the catalogue."""
    walk = [(u, (u * 3 + t) % items) for t in range(length) for u in range(count)]
    return [(f"u{user}", f"i{item}") for user, item in walk]


def trained(**keys):
    """Trains and tests on `edge` as the command line does; the checkpoint is evaluated too."""
    result = recbole_fn.run_recbole_fn("SASRec", "edge", None, {**KEYS, **keys})
    assert result["test_result"] and all(map(math.isfinite, result["test_result"].values()))
    assert len(list(Path("saved").glob("*.pth"))) == 2  # the best checkpoint, and the last one
    return result


def run_of(**keys):
    """A run on `edge` after training, for a look inside."""
    run = pieces(dataset="edge", **{**KEYS, **keys})
    fit(run)
    return run


class EqualScores(SASRec):
    """All its weights are zero, so that all items have the same score."""

    def __init__(self, config, dataset):
        super().__init__(config, dataset)
        for weight in self.parameters():
            torch.nn.init.zeros_(weight)


@pytest.mark.parametrize("batching", ["sequence", "prefix"])
def test_logits_of_equal_value(batching):
    write(users())
    own = Path(recbole.__file__).parent / "properties" / "model" / "SASRec.yaml"
    keys = {**KEYS, "fn_batching": batching, "learning_rate": 0.0, "fn_start": 0}
    keys = {**yaml.safe_load(own.read_text()), **keys}
    result = recbole_fn.run_recbole_fn(EqualScores, "edge", None, keys)
    assert all(map(math.isfinite, result["test_result"].values()))
    run = pieces(model=EqualScores, dataset="edge", **keys)
    score, _ = fit(run)
    assert run.trainer.train_loss_dict[0] / len(run.trainer.fn_loader) == pytest.approx(
        2 * math.log(2), abs=1e-5
    )
    assert run.trainer.fn_step.memory.num_remembered() == 0  # none is strictly above the target
    assert math.isfinite(score)


def test_users_with_one_item():
    write([*users(), *((f"once{n}", f"i{n % 12}") for n in range(15))])
    trained()
    run = run_of()
    assert run.dataset.user_num == 1 + 20 + 15
    # A user with one item has no row.
    assert len(dataset_of(run.train_data)) == 20 * (6 - 3)
    assert len(dataset_of(run.valid_data)) == len(dataset_of(run.test_data)) == 20


def test_items_never_seen_in_training():
    # The last two items of each user are held out, and they are nobody else's.
    rows = [(f"u{u}", f"i{(u + t) % 8}") for t in range(5) for u in range(20)]
    write(rows + [(f"u{u}", f"{part}{u}") for part in ("valid", "test") for u in range(20)])
    trained(fn_neg_num=20)
    run = run_of(fn_neg_num=20)
    assert run.dataset.item_num == 1 + 8 + 20 + 20
    seen = run.trainer.fn_sampler.histories.pairs % run.dataset.item_num
    assert len(seen.unique()) == 8
    drawn = run.trainer.fn_sampler.draw(torch.tensor([1] * 50), torch.ones(50).long(), 20)
    assert len(set(drawn.flatten().tolist()) - set(seen.tolist())) == 40  # they can be negatives


def with_every_negative_hard(**keys):
    """A trained run in which the target scores below all negatives; what each visit was like."""
    write(users())
    run = pieces(dataset="edge", **{**KEYS, "fn_start": 0, "epochs": 4, **keys})
    run.trainer.fn_prepare(run.train_data)
    candidates, visits = run.trainer.fn_step.candidates, []
    score, mine = candidates.scored, candidates.hard

    def below_all(*args):
        rows = score(*args)
        logits = torch.cat([rows.logits[:, :1] - 50, rows.logits[:, 1:]], dim=1)
        return dataclasses.replace(rows, logits=logits)

    def noting(rows):
        visits.append(rows)
        return mine(rows)

    candidates.scored, candidates.hard = below_all, noting
    score, _ = fit(run)
    assert math.isfinite(score)
    assert all(map(math.isfinite, run.trainer.train_loss_dict.values()))
    assert all((visit.logits[:, 1:] > visit.logits[:, :1]).all() for visit in visits)
    return run, visits


@pytest.mark.slow
def test_a_row_whose_every_candidate_is_hard():
    run, visits = with_every_negative_hard(fn_neg_num=4)
    memory = run.trainer.fn_step.memory
    last = visits[-1]
    hard = ~last.extracted & last.valid[:, 1:]
    for row, items, is_hard in zip(last.batch.rows.tolist(), last.items, hard, strict=False):
        assert set(memory.hard_negatives(row)) == set(items[is_hard].tolist())


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["bce", "gbce", "bpr", "softmax", "model"])
@pytest.mark.parametrize("strategy", ["flip", "soft", "drop"])
def test_a_batch_whose_every_candidate_is_extracted(loss, strategy):
    _, visits = with_every_negative_hard(fn_neg_num=1, fn_loss=loss, fn_strategy=strategy)
    assert sum(bool(visit.extracted.all()) for visit in visits) == len(visits) / 2


@pytest.mark.slow
@pytest.mark.parametrize("exclude", ["history", "target"])
def test_a_catalogue_smaller_than_the_number_of_negatives(exclude):
    write(users(items=10))
    keys = {"fn_neg_exclude": exclude}
    trained(fn_neg_num=100, **keys)
    learner = run_of(fn_neg_num="all", fn_loss="softmax", **keys).trainer.fn_step
    assert learner.memory.num_items == 11 < 100
    learner = run_of(fn_neg_num=100, **keys).trainer.fn_step
    assert learner.memory.num_remembered() > 0


@pytest.mark.slow
@pytest.mark.parametrize("batching", ["sequence", "prefix"])
def test_histories_longer_than_the_longest_list(batching):
    write([(f"u{u}", f"i{(u * 7 + t * t) % 90}") for t in range(60) for u in range(6)])
    keys = {"MAX_ITEM_LIST_LENGTH": 5, "fn_batching": batching}
    trained(**keys)
    run = run_of(**keys)
    assert len(dataset_of(run.train_data)) == 6 * 57
    assert dataset_of(run.train_data).inter_feat["item_id_list"].shape[1] == 5


@pytest.mark.slow
def test_duplicate_interactions():
    once = users(count=12)
    write([pair for pair in once for _ in range(3)])
    trained()
    run = run_of()
    assert len(dataset_of(run.train_data)) == 12 * (3 * 6 - 3)
    pairs = run.trainer.fn_sampler.histories.pairs
    assert len(pairs) == len(pairs.unique())
    run = run_of(rm_dup_inter="first")
    assert len(dataset_of(run.train_data)) == 12 * (6 - 3)


ODD = ["a b", " lead", 'say "hi"', "it's", "Ünï", "日本語", "مرحبا", "a,b", "#1", "-1", "0", "\\n"]


@pytest.mark.slow
def test_ids_with_spaces_quotes_and_letters_of_all_kinds():
    names = [f"{odd} {n}" for n in range(2) for odd in ODD]
    rows = [(name, names[(u * 3 + t) % 24]) for t in range(6) for u, name in enumerate(names)]
    write(rows)
    trained()
    run = run_of()
    for field in ("user_id", "item_id"):
        assert set(run.dataset.field2id_token[field][1:]) == set(names)
    _, _, dataset, *_ = recbole_fn.load_data_and_model(next(Path("saved").glob("*.pth")))
    assert set(dataset.field2id_token["item_id"][1:]) == set(names)


@pytest.mark.slow
def test_an_empty_validation_set():
    write(users())
    split = {"split": {"LS": "test_only"}, "order": "TO", "mode": "full"}
    result = trained(eval_args=split)
    assert result["best_valid_result"] is None


def test_an_empty_validation_set_with_a_start_that_waits_for_validation():
    write(users())
    split = {"split": {"RS": [0.8, 0.0, 0.2]}, "order": "TO", "mode": "full"}
    assert trained(eval_args=split, fn_start="auto")["best_valid_result"] is None


@pytest.mark.parametrize(("split", "left"), [("valid_only", "valid"), ("test_only", "test")])
def test_a_part_without_rows_is_named_and_the_other_is_as_recbole_has_it(split, left, caplog):
    write(users())
    args = {"split": {"LS": split}, "order": "TO", "mode": "full"}
    keys = {**KEYS, "epochs": 2, "eval_args": args}
    result = recbole_fn.run_recbole_fn("SASRec", "edge", None, keys)
    results = {"valid": result["best_valid_result"], "test": result["test_result"]}
    other = results.pop({"valid": "test", "test": "valid"}[left])
    assert results[left] and not other
    named = "the test: there are no test" if left == "valid" else "validation: the last epoch is"
    assert f"'{split}'}}, which leaves no row to {named}" in caplog.text


def test_studies_refuse_a_split_without_their_part():
    write(users())
    args = {"split": {"LS": "valid_only"}, "order": "TO", "mode": "full"}
    with pytest.raises(recbole_fn.InputError, match="rows to the test in a comparison"):
        recbole_fn.compare("SASRec", "edge", None, {**KEYS, "eval_args": args}, ["off"])
    args["split"], space = {"LS": "test_only"}, {"seed": {"choice": [1]}}
    with pytest.raises(recbole_fn.InputError, match="rows to the validation in a search"):
        recbole_fn.tune.tune("SASRec", "edge", None, {**KEYS, "eval_args": args}, space)
