"""Graphs of ONNX give torch's lists, an index of faiss nearly the exact ones."""

import json

import numpy as np
import pytest
import torch

import recbole_fn
from recbole_fn.cli.dispatch import main
from recbole_fn.recommendation import faiss_index, onnx_graph
from recbole_fn.recommendation.loading import Loaded
from tests.helpers.saved_runs import lists, saved_run


def _saved(folder, **keys):
    return saved_run(folder, MAX_ITEM_LIST_LENGTH=8, **keys)[1]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return _saved(tmp_path_factory.mktemp("saved"))


SCORES = {
    "plain": {},
    "with a prior": {"fn_prior": "followers"},
    "cosines": {"fn_score": "cosine", "fn_temperature": 0.1},
}


def _session(path):
    onnxruntime = pytest.importorskip("onnxruntime", reason="needs the extra onnx")
    session = onnxruntime.InferenceSession(path)
    return session, json.loads(session.get_modelmeta().custom_metadata_map["items"])


@pytest.mark.slow
@pytest.mark.parametrize("exclude", ["history", "none"])
@pytest.mark.parametrize("keys", SCORES.values(), ids=list(SCORES))
def test_a_graph_gives_the_lists_of_recommend(keys, exclude, own_folder):
    pytest.importorskip("onnx", reason="needs the extra onnx")
    checkpoint = _saved(own_folder / "saved", epochs=1, **keys)
    options = ["--onnx=model.onnx", "--k=6", f"--exclude={exclude}"]
    assert main(["export", f"--checkpoint={checkpoint}", *options]) == 0
    session, names = _session("model.onnx")
    histories = {"a": ["i1"], "b": ["i5", "i9", "i5"], "c": [f"i{n}" for n in range(8)]}
    rows = np.zeros((3, 8), np.int64)
    for row, items in zip(rows, histories.values(), strict=True):
        row[: len(items)] = [names.index(item) for item in items]
    scores, items = session.run(None, {"histories": rows})
    frame = recbole_fn.recommend(checkpoint, histories=histories, k=6, exclude=exclude)
    for row, (user, expected) in enumerate(lists(frame).items()):
        assert [names[item] for item in items[row]] == expected
        own = frame[frame["user"] == user]["score"]
        assert np.allclose(scores[row], own, atol=onnx_graph.TOLERANCE)


@pytest.mark.slow
def test_a_graph_gives_item_0_where_fewer_items_are_left(checkpoint, own_folder):
    pytest.importorskip("onnx", reason="needs the extra onnx")
    num_items = Loaded.from_file(checkpoint).dataset.item_num
    k = num_items - 1
    assert main(["export", f"--checkpoint={checkpoint}", "--onnx=model.onnx", f"--k={k}"]) == 0
    session, _ = _session("model.onnx")
    rows = np.array([[1, 2, 3, 4, 5, 0, 0, 0], [7, 0, 0, 0, 0, 0, 0, 0]], np.int64)
    scores, items = session.run(None, {"histories": rows})
    for row, values, found in zip(rows, scores, items, strict=True):
        left = set(range(1, num_items)) - set(row.tolist())
        assert set(found[: len(left)].tolist()) == left and np.isfinite(values[: len(left)]).all()
        assert (found[len(left) :] == 0).all() and np.isneginf(values[len(left) :]).all()


@pytest.mark.slow
@pytest.mark.parametrize("model", ["FEARec", "DIN"])  # the second one fails while it is traced
def test_a_model_that_torch_cannot_export_writes_nothing(model, own_folder, capfd):
    pytest.importorskip("onnx", reason="needs the extra onnx")
    _, path = saved_run(own_folder / "saved", model, epochs=1)
    assert main(["export", f"--checkpoint={path}", "--onnx=model.onnx"]) == 2
    printed, error = capfd.readouterr()
    assert f"model {model!r}" in error.splitlines()[-1] and "graph" not in printed
    assert not (own_folder / "model.onnx").exists()
    assert torch.is_autocast_cache_enabled()


@pytest.mark.slow
def test_a_graph_with_other_scores_is_refused(checkpoint, own_folder, monkeypatch):
    pytest.importorskip("onnx", reason="needs the extra onnx")
    loaded, made = Loaded.from_file(checkpoint), onnx_graph.torch.onnx.export

    def other(model, *rest, **options):
        weight = model.model.item_embedding.weight
        weight.data *= 1.01
        made(model, *rest, **options)
        weight.data /= 1.01

    monkeypatch.setattr(onnx_graph.torch.onnx, "export", other)
    with pytest.raises(recbole_fn.InputError, match="scores differ from torch's"):
        onnx_graph.export_onnx(loaded, own_folder / "model.onnx", k=5)


@pytest.mark.slow
def test_an_index_finds_the_exact_lists(checkpoint, own_folder, capsys):
    faiss = pytest.importorskip("faiss", reason="needs the extra faiss")
    assert main(["export", f"--checkpoint={checkpoint}", "--faiss=items.faiss"]) == 0
    assert "Index with a recall of 1.0000" in capsys.readouterr().out
    assert main(["export", f"--checkpoint={checkpoint}", "--vectors=v"]) == 0
    names = json.loads((own_folder / "items.faiss.json").read_text())
    _, found = faiss.read_index("items.faiss").search(np.load("v/users.npy"), 10)
    expected = lists(recbole_fn.recommend(checkpoint, k=10, exclude="none"))
    hits = [len({names[n] for n in row} & set(e)) for row, e in zip(found, expected.values())]
    assert sum(hits) >= 0.99 * 10 * len(expected)


def test_an_index_explores_until_the_recall_is_had():
    faiss = pytest.importorskip("faiss", reason="needs the extra faiss")
    torch.manual_seed(1)
    table, states = (torch.randn(count, 32).numpy() for count in (2000, 100))
    index = faiss.IndexHNSWFlat(32, 8, faiss.METRIC_INNER_PRODUCT)
    index.add(table)
    recall = faiss_index.explore_enough(index, states, table)
    exact = np.argsort(-(states @ table.T), axis=1)[:, :10]
    naive = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(index.search(states, 10)[1], exact)])
    assert recall == pytest.approx(naive) and recall >= 0.99 and index.hnsw.efSearch > 64


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "none of --vectors, --faiss, --onnx is set; it must be one of"),
        (["--vectors=v", "--onnx=m"], "--vectors and --onnx is set; it must be one of"),
        (["--onnx=m", "--users=u.csv"], "--users is 'u.csv', which --onnx does not use"),
        (["--faiss=/"], "faiss is '/', which is a folder; it must be a file"),
        (["--onnx=m", "--k=0"], "k is 0; it must be from 1 to 50"),
        (["--onnx=m", "--exclude=x.csv"], "exclude is 'x.csv'; it must be history or none"),
    ],
)
def test_mistakes_end_with_one_line(checkpoint, options, words, own_folder, capsys):
    assert main(["export", f"--checkpoint={checkpoint}", *options]) == 2
    assert words in capsys.readouterr().err.splitlines()[-1]
