"""Evaluation gives RecBole's own numbers, in batches of any size, without RecBole's matrices."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from recbole.data.dataloader import FullSortEvalDataLoader, NegSampleEvalDataLoader
from recbole.evaluator import Collector
from recbole.trainer import Trainer
from torch.utils._python_dispatch import TorchDispatchMode

from recbole_fn.data.loaders import dataset_of, sampler_of
from recbole_fn.evaluation import full_ranking
from recbole_fn.evaluation.collector import FNCollector, top_hits
from tests.helpers.runs import fit, pieces

TOP = ["Recall", "MRR", "NDCG", "Hit", "Precision", "MAP"]
ITEMS = ["ItemCoverage", "AveragePopularity", "GiniIndex", "ShannonEntropy", "TailPercentage"]
SPLITS = {"last": {"LS": "valid_and_test"}, "ratio": {"RS": [0.5, 0.2, 0.3]}}
UNROUNDED = {"metric_decimal_place": 17, "topk": [1, 5, 10]}


class RecBolesCollector(Collector):
    """RecBole's collector, but it returns what its 1.2.1 fails to copy."""

    def get_data_struct(self):
        kept = {n: v for n, v in self.data_struct._data_dict.items() if n.startswith("data.")}
        for name in kept:
            del self.data_struct[name]
        struct = super().get_data_struct()
        for name, value in kept.items():
            self.data_struct.set(name, value)
            struct.set(name, value)
        return struct


def run_with(metrics, model="SASRec", split="last", mode="full", **keys):
    args = {"split": SPLITS[split], "order": "TO", "group_by": "user", "mode": mode}
    valid_metric = f"{metrics[0]}@10" if metrics[0] in TOP else metrics[0]
    own = {"metrics": metrics, "valid_metric": valid_metric, "eval_args": args}
    return pieces(model, **{**UNROUNDED, **own, **keys})


def recboles(run, loader_class=FullSortEvalDataLoader):
    """The run's test metrics from RecBole's evaluation alone: its loops, loader and collector."""
    data = run.test_data
    if loader_class is not type(data):
        data = loader_class(run.config, dataset_of(data), sampler_of(data))
    trainer = Trainer(run.config, run.model)
    trainer.eval_collector = RecBolesCollector(run.config)
    trainer.eval_collector.data_collect(run.train_data)
    return trainer.evaluate(data, load_best_model=False)


def ours(run):
    with torch.no_grad():
        run.trainer.eval_collector.data_collect(run.train_data)
        return run.trainer.evaluate(run.test_data, load_best_model=False)


@pytest.mark.slow
@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("model", ["SASRec", "NARM", "FPMC"])
def test_metrics_are_recboles_own_to_the_last_digit(model, split):
    run = run_with([*TOP, *ITEMS, "GAUC"], model, split, fn_eval_with="student")
    fit(run)
    found = ours(run)
    assert found == recboles(run) == ours(run)
    assert len(set(found.values())) > len(TOP + ITEMS)


@pytest.mark.parametrize("metrics", [["NDCG"], ["ItemCoverage"], ["GAUC"], ["GAUC", "Recall"]])
def test_each_kind_of_metric_works_alone(metrics):
    run = run_with(metrics)
    assert ours(run) == recboles(run) == ours(run)


@pytest.mark.parametrize("users", [1, 3, 7])
def test_a_budget_for_a_few_users_changes_no_metric(users, monkeypatch):
    expected = recboles(run_with([*TOP, *ITEMS, "GAUC"], split="ratio"))
    num_items = dataset_of(pieces().test_data).item_num
    monkeypatch.setattr(full_ranking, "CPU_SCORE_BYTES", users * num_items * 4 + 3)
    run = run_with([*TOP, *ITEMS, "GAUC"], split="ratio")
    sizes = [len(batch[0]) for batch in run.test_data]
    assert max(sizes) == users and sum(sizes) == len(dataset_of(run.test_data)) > 80
    assert ours(run) == expected


def test_eval_batch_size_is_an_upper_bound():
    run = run_with(TOP, eval_batch_size=5)
    assert max(len(batch[0]) for batch in run.test_data) == 5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "metrics"), [("uni20", [*TOP, *ITEMS]), ("uni20", ["AUC", "LogLoss"]), ("pop5", TOP)]
)
def test_sampled_candidates_are_ranked_as_before(mode, metrics):
    run = run_with(metrics, split="ratio", mode=mode)
    np.random.seed(0)  # candidates are drawn when a batch is made
    found = ours(run)
    np.random.seed(0)
    assert found == recboles(run, NegSampleEvalDataLoader)


@pytest.mark.slow
def test_histories_are_cut_once_training_has_shown_that_they_may_be(monkeypatch):
    run = run_with(TOP, eval_batch_size=7)
    seen, predict = [], run.model.full_sort_predict

    def noting_predict(rows):
        seen.append((rows["item_id_list"].shape[1], int(rows["item_length"].max())))
        return predict(rows)

    monkeypatch.setattr(run.model, "full_sort_predict", noting_predict)
    found = ours(run)
    whole = seen[:]
    run.trainer.fn_prepare(run.train_data)
    seen.clear()
    assert ours(run) == found == recboles(run)
    assert {width for width, _ in whole} == {16}
    cut = seen[: len(whole)]
    assert all(width == longest for width, longest in cut)
    assert cut == sorted(cut) and cut[0][0] < cut[-1][0]


class NotingSizes(TorchDispatchMode):
    """Notes how many numbers each tensor holds that is made within."""

    def __init__(self):
        super().__init__()
        self.sizes = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        made = result if isinstance(result, tuple) else (result,)
        self.sizes += [tensor.numel() for tensor in made if isinstance(tensor, torch.Tensor)]
        return result


@pytest.mark.parametrize(("collector", "makes_matrix"), [(Collector, True), (FNCollector, False)])
def test_hits_need_no_matrix_of_users_and_items(collector, makes_matrix):
    run = run_with([*TOP, *ITEMS])
    interaction, _, users, items = next(iter(run.test_data))
    scores = torch.randn(len(interaction), dataset_of(run.test_data).item_num)
    with NotingSizes() as noted:
        collector(run.config).eval_batch_collect(scores, interaction, users, items)
    assert (max(noted.sizes) >= scores.numel()) == makes_matrix


@pytest.mark.slow
@given(st.integers(1, 6), st.integers(2, 9), st.data())
@settings(max_examples=200, deadline=None)
def test_hits_are_found_as_by_looking_each_up(num_users, num_items, data):
    k = data.draw(st.integers(1, num_items))
    order = st.permutations(range(num_items))
    top = [data.draw(order)[:k] for _ in range(num_users)]
    pair = st.tuples(st.integers(0, num_users - 1), st.integers(0, num_items - 1))
    pairs = data.draw(st.lists(pair, min_size=1, max_size=20))
    users, items = torch.tensor(pairs).unbind(1)
    expected = [
        [int((user, item) in pairs) for item in best] + [len({i for u, i in pairs if u == user})]
        for user, best in enumerate(top)
    ]
    assert top_hits(torch.tensor(top), users, items, num_items).tolist() == expected


@pytest.mark.parametrize(
    ("wanted", "num_items", "on_cpu", "rows"),
    [
        (4096, 12_102, False, 1386),
        (4096, 12_102, True, 128),
        (4096, 200_000, True, 39),
        (40, 12_102, True, 40),
        (4096, 100_000_000, False, 1),
    ],
)
def test_rows_of_a_batch(wanted, num_items, on_cpu, rows):
    assert full_ranking.batch_rows(wanted, num_items, on_cpu) == rows


@pytest.mark.slow
def test_switched_off_loader_and_collector_are_recboles():
    run = pieces(fn_enabled=False, train_neg_sample_args=None)
    assert type(run.test_data) is type(run.valid_data) is FullSortEvalDataLoader
    assert type(run.trainer.eval_collector) is Collector
