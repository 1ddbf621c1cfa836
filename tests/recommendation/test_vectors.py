"""Vectors, similar items, and explanations, against scores and naive loops."""

import numpy as np
import pandas as pd
import pytest
import torch
from recbole.data.interaction import Interaction

import recbole_fn
from recbole_fn.cli.dispatch import main
from recbole_fn.recommendation.explanation import explain
from recbole_fn.recommendation.loading import Loaded
from recbole_fn.recommendation.neighbours import similar
from tests.feedback.made_up import KEYS, lines, write
from tests.helpers.page_checks import Page, assert_self_contained
from tests.helpers.runs import ROOT
from tests.helpers.saved_runs import lists, saved_run, scores_of, whole_history

FILE = ROOT / "dataset" / "tiny" / "tiny.inter"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    run, path = saved_run(tmp_path_factory.mktemp("saved"), epochs=2)
    return run, path, Loaded.from_file(path)


@pytest.mark.slow
def test_products_of_the_vectors_are_the_lists(trained, own_folder):
    assert main(["export", f"--checkpoint={trained[1]}", "--vectors=v"]) == 0
    items, users = (pd.read_parquet(f"v/{name}.parquet") for name in ("items", "users"))
    for name, table in (("items", items), ("users", users)):
        assert np.array_equal(np.load(f"v/{name}.npy"), np.stack(list(table["vector"])))
    scores = np.load("v/users.npy") @ np.load("v/items.npy").T
    expected = lists(recbole_fn.recommend(trained[2], k=4, exclude="none"))
    for user, row in zip(users["token"], scores, strict=True):
        assert list(items["token"].to_numpy()[np.argsort(-row)[:4]]) == expected[user]
    assert len(users) == 80 and len(items) == 50


def test_an_export_of_a_history_without_items_names_its_own_option(trained, own_folder, capsys):
    (own_folder / "cold.csv").write_text("user,item\na,i1\nb,x\n")
    command = ["export", f"--checkpoint={trained[1]}", "--vectors=v", "--histories=cold.csv"]
    assert main(command) == 2
    line = capsys.readouterr().err
    assert "1 of 2 histories have no item that the data set has, the first 'b'; --hist" in line
    assert "cold must" not in line and not (own_folder / "v").exists()


@pytest.mark.slow
def test_an_export_of_a_user_whose_items_are_not_read_names_users(tmp_path, capsys):
    write(tmp_path, lines(0))
    keys = {**KEYS, "data_path": str(tmp_path), "fn_feedback_targets": "exclude"}
    _, path = saved_run(tmp_path, dataset="rated", fn_feedback_inputs="positive", epochs=1, **keys)
    (tmp_path / "users.csv").write_text("user\nu1\nonly-negative\n")
    command = ["export", f"--checkpoint={path}", f"--vectors={tmp_path / 'v'}"]
    assert main([*command, f"--users={tmp_path / 'users.csv'}"]) == 2
    line = capsys.readouterr().err
    assert "1 of 2 histories have no item that the model reads, the first 'only-negative'; " in line
    assert "--users must be those with one" in line and "cold must" not in line
    assert main(command) == 0  # of all that have a vector


@pytest.mark.slow
def test_a_model_without_dot_products_is_named(tmp_path, capsys):
    _, path = saved_run(tmp_path, "FPMC", epochs=1)
    assert main(["export", f"--checkpoint={path}", f"--vectors={tmp_path / 'v'}"]) == 2
    assert "scores by no dot product of a user and an item" in capsys.readouterr().err
    assert not (tmp_path / "v").exists()


@pytest.mark.slow
def test_a_model_with_a_prior_is_named_with_what_to_do_instead(tmp_path, capsys):
    _, path = saved_run(tmp_path, epochs=1, fn_prior="followers")
    assert main(["export", f"--checkpoint={path}", f"--vectors={tmp_path / 'v'}"]) == 2
    line = capsys.readouterr().err.strip()
    assert "adds the prior 'followers'" in line and "must be trained with --fn_prior=None" in line
    assert not (tmp_path / "v").exists() and "\n" not in line


@pytest.mark.slow
def test_similar_items_are_those_of_a_naive_loop(trained, capsys):
    _run, path, loaded = trained
    table = loaded.model.item_embedding.weight.detach().numpy().astype(float)
    names = list(loaded.item_tokens)
    one = names.index("i7")
    cosines = {
        names[n]: table[n] @ table[one] / np.linalg.norm(table[n]) / np.linalg.norm(table[one])
        for n in range(1, len(table))
        if n != one
    }
    found = similar(loaded, "i7", k=5)
    assert list(found["item"]) == sorted(cosines, key=lambda name: -cosines[name])[:5]
    np.testing.assert_allclose(found["cosine"], sorted(cosines.values())[:-6:-1], atol=1e-6)
    assert main(["similar", f"--checkpoint={path}", "--item=i7", "--k=2"]) == 0
    assert found["item"][1] in capsys.readouterr().out
    assert main(["similar", f"--checkpoint={path}", "--item=sofa"]) == 2
    assert "1 of 1 items are not in the data set, the first 'sofa'" in capsys.readouterr().err


@pytest.mark.slow
def test_shares_are_what_scores_lose_without_an_item(trained, capsys):
    run, path, loaded = trained
    run.trainer.fn_load_weights(path)
    history = whole_history(FILE, "u4")
    ids = list(run.dataset.token2id(run.dataset.iid_field, history))
    whole = scores_of(run, ids)
    found = explain(loaded, "u4", k=3, because=2)
    recommended = recbole_fn.recommend(loaded, users=["u4"], k=3)
    assert list(found["item"].unique()) == list(recommended["item"])
    for item, part in found.groupby("item"):
        number = run.dataset.token2id(run.dataset.iid_field, item)
        lost = {
            name: whole[number] - scores_of(run, [*ids[:n], *ids[n + 1 :]])[number]
            for n, name in enumerate(history)
        }
        best = sorted((name for name in lost if lost[name] > 0), key=lambda name: -lost[name])[:2]
        assert list(part["because of"]) == best
        np.testing.assert_allclose(part["share"], [lost[name] for name in best], atol=1e-5)
    assert main(["explain", f"--checkpoint={path}", "--user=u4", "--k=1"]) == 0
    assert "because of" in capsys.readouterr().out
    assert main(["explain", f"--checkpoint={path}", "--user=u99"]) == 2
    assert "1 of 1 users are not in the data set" in capsys.readouterr().err
    assert torch.isfinite(torch.tensor(found["share"].to_numpy())).all()


@pytest.mark.slow
def test_shares_of_typed_inputs_keep_the_kinds(tmp_path):
    write(tmp_path, lines(90))
    keys = {**KEYS, "data_path": str(tmp_path), "fn_feedback_targets": "exclude"}
    run, path = saved_run(tmp_path, dataset="rated", fn_feedback_inputs="typed", **keys)
    run.trainer.fn_load_weights(path)
    found, dataset = explain(Loaded.from_file(path), "u3", k=2, because=3), run.dataset
    of_user = run.dataset.fn_log.users == dataset.token2id("user_id", "u3")
    places = of_user.nonzero().squeeze(1)[-6:].tolist()  # what the model reads
    by_code = {1: "positive", 0: "neutral", -1: "negative"}
    ids = [int(run.dataset.fn_log.items[place]) for place in places]
    codes = [by_code[int(run.dataset.fn_log.kinds[place])] for place in places]
    kinds = [int(dataset.token2id("fn_kind", code)) for code in codes]

    def scores(left_out=None):
        kept = [n for n in range(len(ids)) if n != left_out]
        lists = {"item_id_list": ids, "fn_kind_list": kinds}
        row = {
            k: torch.tensor([[one[n] for n in kept] + [0] * (6 - len(kept))])
            for k, one in lists.items()
        }
        return run.model.full_sort_predict(
            Interaction({**row, "item_length": torch.tensor([len(kept)])})
        ).detach()[0]

    run.model.eval()
    for item, part in found.groupby("item"):
        number, names = dataset.token2id("item_id", item), dataset.id2token("item_id", ids)
        lost = [float(scores()[number] - scores(n)[number]) for n in range(len(ids))]
        best = sorted(range(len(ids)), key=lambda n: -lost[n])[: len(part)]
        assert list(part["because of"]) == [names[n] for n in best]
        np.testing.assert_allclose(part["share"], [lost[n] for n in best], atol=1e-5)


@pytest.mark.slow
def test_a_page_has_the_explanation_of_the_terminal(trained, own_folder, capsys):
    options = [f"--checkpoint={trained[1]}", "--user=u3", "--k=4"]
    assert main(["explain", *options, "--out=explained.html"]) == 0
    page = Page((own_folder / "explained.html").read_text())
    assert_self_contained(page)
    expected = explain(trained[2], "u3", 4)
    ((_, *rows),) = page.tables
    assert [row[1] for row in rows] == list(expected["item"].unique())
    for row in rows:
        reasons = expected[expected["item"] == row[1]]["because of"]
        assert [text.split(" (")[0] for text in row[3].split(", ")] == list(reasons)
    assert main(["explain", *options, "--out=explained.txt"]) == 2
    assert "it must end with .html" in capsys.readouterr().err
