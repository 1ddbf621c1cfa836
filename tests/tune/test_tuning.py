"""Searches with real Ray, on the command line, as a user runs them."""

import csv
import json
import re
import time

import pytest
import yaml

pytest.importorskip("ray")

from tests.cli.test_dispatch import only_line, refused, script, tiny
from tests.helpers.page_checks import Page, assert_self_contained
from tests.helpers.searches import record, scores, started, status
from tests.helpers.sockets import listening

pytestmark = pytest.mark.slow

SPACE = """\
fn_flip_after: {choice: [0, 1, 2, 3]}
learning_rate: {loguniform: [1.0e-4, 3.0e-2]}
tune_num_samples: 6
tune_grace_epochs: 1
tune_concurrency: 2
"""


def search_options():
    """The options of the search, without the keys that it looks for."""
    arguments = tiny("tune", "--space=space.yaml", "--out=out", "--epochs=6", "--state=ERROR")
    keys = yaml.safe_load(SPACE)
    return [word for word in arguments if word[2:].split("=")[0] not in keys]


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """A search that has ended: its folder, what it printed, where it listened, and its errors."""
    folder = tmp_path_factory.mktemp("search")
    (folder / "space.yaml").write_text(SPACE)
    process, addresses = started(*search_options(), folder=folder), set()
    while process.poll() is None:
        addresses |= listening(process.pid)
        time.sleep(0.2)
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    return folder, output, addresses, errors


def test_six_trials_and_asha_stops_weak_ones(searched):
    place = searched[0] / "out"
    statuses = [status(place, number) for number in range(6)]
    assert set(statuses) == {"finished", "stopped"}
    for number, how in enumerate(statuses):
        assert (len(scores(place, number)) == 6) == (how == "finished"), number
    first = max(max(scores(place, number)) for number in range(6))
    best = [number for number in range(6) if max(scores(place, number)) == first]
    assert all(status(place, number) == "finished" for number in best)


def test_no_warning_about_recbole_is_shown_or_logged(searched):
    folder, output, _, errors = searched
    logs = [path.read_text() for path in (folder / "out").glob("trials/*/log.txt")]
    assert len(logs) == 6
    lines = [line for text in (output, errors, *logs) for line in text.splitlines()]
    assert [line for line in lines if "Warning" in line] == []


def test_ray_listens_on_loopback_alone_and_is_gone_afterwards(searched):
    addresses = searched[2]
    assert len(addresses) > 3  # of its head, its node and its workers
    assert {host for host, _ in addresses} == {"127.0.0.1"}, addresses


def test_each_trial_reports_its_validation_in_each_epoch(searched):
    place = searched[0] / "out"
    for number in range(6):
        entries = record(place, number)["epochs"]
        assert [entry["epoch"] for entry in entries] == list(range(len(entries)))
        for entry in entries:
            assert entry["score"] == entry["result"]["ndcg@10"]
            assert set(entry["result"]) == {"ndcg@10", "recall@10"}


def test_the_tables_rank_by_the_best_validation_and_test_the_best_alone(searched):
    folder, output, *_ = searched
    lines = list(csv.DictReader((folder / "out" / "trials.csv").open()))
    assert [line["rank"] for line in lines] == list("123456")
    shown = [float(line["valid_ndcg@10"]) for line in lines]
    assert shown == sorted(shown, reverse=True)
    for line in lines:
        assert max(scores(folder / "out", int(line["trial"]))) == float(line["valid_ndcg@10"])
    ranked = [line.split()[0] for line in output.splitlines()[2:8]]
    assert ranked == [line["trial"] for line in lines]
    rows = [" ".join(line.split()) for line in output.splitlines()]
    assert rows.count("metric best valid test") == 1  # of one trial, with its test
    assert f"Trial {ranked[0]}:" in output and output.count("Trial ") == 1


def test_best_yaml_reproduces_the_best_score_and_test(searched):
    folder, output, *_ = searched
    (file,) = re.findall("--config_files=(.*)", (folder / "out" / "best.yaml").read_text())
    code = (
        "import json, sys; sys.argv = sys.argv[:1]\n"
        "from recbole_fn import run_recbole_fn\n"
        f"print(json.dumps(run_recbole_fn(config_file_list=['out/{file}'])))"
    )
    done = script(program=("-c", code), cwd=folder)
    result = json.loads(done.stdout.strip().splitlines()[-1])
    lines = list(csv.DictReader((folder / "out" / "trials.csv").open()))
    assert result["best_valid_score"] == float(lines[0]["valid_ndcg@10"])
    assert result["best_valid_result"]["recall@10"] == float(lines[0]["valid_recall@10"])
    assert f"{result['test_result']['ndcg@10']:.4f}" in output
    keys = yaml.safe_load((folder / "out" / "best.yaml").read_text())
    assert keys["learning_rate"] == float(lines[0]["learning_rate"])
    assert (keys["model"], keys["dataset"], keys["epochs"]) == ("SASRec", "tiny", 6)
    assert not any(name.startswith("tune_") for name in keys)


def test_the_best_checkpoint_is_the_best_trials(searched):
    place = searched[0] / "out"
    (first, *_) = csv.DictReader((place / "trials.csv").open())
    trial = place / "trials" / f"{int(first['trial']):04d}"
    assert (place / "best.pth").read_bytes() == (trial / "best.pth").read_bytes()


def test_the_page_shows_all_trials_and_each_key_and_loads_nothing(searched):
    page = Page((searched[0] / "out" / "trials.html").read_text())
    assert_self_contained(page)
    lines = list(csv.DictReader((searched[0] / "out" / "trials.csv").open()))
    assert [row[0] for row in page.tables[0][1:]] == [line["trial"] for line in lines]
    for title in ("Score against epoch", "Effect of fn_flip_after", "Effect of learning_rate"):
        assert title in page.text


def test_a_search_that_has_ended_is_not_run_again(searched):
    folder = searched[0]
    before = (folder / "out" / "trials" / "0000" / "record.json").stat().st_mtime_ns
    done = script("tune", "--resume=out", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[2:8] == searched[1].splitlines()[2:8]
    assert (folder / "out" / "trials" / "0000" / "record.json").stat().st_mtime_ns == before
    done = script(*search_options(), cwd=folder)
    assert done.returncode == 2 and "holds a search; it must be another place" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--space=none.yaml"], ["'none.yaml'", "tune/fn.yaml"]),
        (
            ["--space=bad.yaml"],
            ["learning_rate of the space is uniform: [1, 0]", "the low must be below"],
        ),
        (
            ["--space=tune/fn.yaml", "--tune_scheduler=asha2"],
            ["tune_scheduler is 'asha2'", "asha or"],
        ),
        (["--space=tune/fn.yaml", "--model=GRU4Rec"], ["'hidden_dropout_prob'", "dropout_prob"]),
        (["--space=tune/fn.yaml", "--eval_step=0"], ["eval_step is 0", "at least 1"]),
        (["--resume=nowhere"], ["--dataset is 'tiny'", "--resume does not use"]),
    ],
)
def test_a_mistake_is_one_line_before_any_trial(arguments, words, own_folder):
    (own_folder / "bad.yaml").write_text("learning_rate: {uniform: [1, 0]}\n")
    line = refused("tune", *arguments)
    assert all(word in line for word in words), line
    assert not list(own_folder.rglob("trials"))


def test_a_mistake_that_is_found_last_is_all_that_the_script_writes(own_folder):
    done = script(*tiny("tune", "--state=ERROR", "--space=tune/fn.yaml", "--dataset=nothing"))
    line = only_line(done.returncode, done.stderr)
    assert "nothing.inter" in line and "cannot be read" in line
    assert not list(own_folder.rglob("trials"))
