"""Searches with real Ray, on the command line, as a user runs them."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import pytest
import yaml

pytest.importorskip("ray")

from tests.cli.test_dispatch import only_line, refused, script, tiny
from tests.helpers.page_checks import Page, assert_self_contained
from tests.helpers.runs import ROOT
from tests.helpers.sockets import listening

pytestmark = pytest.mark.slow

SPACE = """\
fn_flip_after: {choice: [0, 1, 2, 3]}
learning_rate: {loguniform: [1.0e-4, 3.0e-2]}
tune_num_samples: 6
tune_grace_epochs: 1
tune_concurrency: 2
"""
FRAGILE = """\
fails: {grid: [never, killed, always, last]}
tune_num_samples: 1
tune_scheduler: none
tune_concurrency: 1
tune_max_failures: 1
"""


def started(*arguments, folder):
    """Starts the script in a folder, in a session of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    environment["OMP_NUM_THREADS"] = "1"
    command = [sys.executable, str(ROOT / "run_recbole_fn.py"), *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True, **pipes)


def record(place, number, name="record"):
    """A file of a trial; empty while it is not there."""
    path = place / "trials" / f"{number:04d}" / f"{name}.json"
    return json.loads(path.read_text()) if path.is_file() else {}


def scores(place, number):
    return [entry["score"] for entry in record(place, number).get("epochs", [])]


def status(place, number):
    return record(place, number, "end").get("status")


def search_options():
    """The options of the search, without the keys that it looks for."""
    arguments = tiny("tune", "--space=space.yaml", "--out=out", "--epochs=6", "--state=ERROR")
    keys = yaml.safe_load(SPACE)
    return [word for word in arguments if word[2:].split("=")[0] not in keys]


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """A search that has ended: its folder, what it printed, and where it listened."""
    folder = tmp_path_factory.mktemp("search")
    (folder / "space.yaml").write_text(SPACE)
    process, addresses = started(*search_options(), folder=folder), set()
    while process.poll() is None:
        addresses |= listening(process.pid)
        time.sleep(0.2)
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    return folder, output, addresses


def test_six_trials_and_asha_stops_weak_ones(searched):
    place = searched[0] / "out"
    statuses = [status(place, number) for number in range(6)]
    assert set(statuses) == {"finished", "stopped"}
    for number, how in enumerate(statuses):
        assert (len(scores(place, number)) == 6) == (how == "finished"), number
    first = max(max(scores(place, number)) for number in range(6))
    best = [number for number in range(6) if max(scores(place, number)) == first]
    assert all(status(place, number) == "finished" for number in best)


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
    folder, output, _ = searched
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
    folder, output, _ = searched
    code = (
        "import json, sys; sys.argv = sys.argv[:1]\n"
        "from recbole_fn import run_recbole_fn\n"
        "print(json.dumps(run_recbole_fn(config_file_list=['fn.yaml', 'out/best.yaml'])))"
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
    assert done.returncode == 2 and "holds a search; choose another place" in done.stderr


def test_killed_and_gone_on_with(own_folder):
    """A trial that is killed, one that raises, and the search itself killed in the last one."""
    (own_folder / "space.yaml").write_text(FRAGILE)
    (own_folder / "mine.yaml").write_text("fails: never\n")
    place = own_folder / "out"
    model = ("--model=tests.helpers.fragile:SASRec", "--config_files=fn.yaml mine.yaml")
    more = (
        "--space=space.yaml",
        "--out=out",
        "--epochs=12",
        "--fn_start=1",
        "--state=ERROR",
    )
    process = started(*tiny("tune", *model, *more), folder=own_folder)
    while len(scores(place, 3)) < 4:
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    _, errors = process.communicate()
    assert [status(place, number) for number in range(4)] == [
        "finished",
        "finished",
        "failed",
        None,
    ]
    assert f"trial 1 failed and is tried again; see {place}/trials/0001/log.txt" in errors
    assert f"trial 2 failed (RuntimeError: as asked); see {place}/trials/0002/log.txt" in errors
    before = [record(place, number) for number in range(4)]

    done = script("tune", "--resume=out", cwd=own_folder)
    assert done.returncode == 1, done.stderr  # a trial has failed
    assert [status(place, number) for number in range(4)] == [
        "finished",
        "finished",
        "failed",
        "finished",
    ]
    assert [record(place, number) for number in range(3)] == before[:3]  # nothing is run again
    kept, all_of_it = before[3]["epochs"], record(place, 3)["epochs"]
    assert all_of_it[: len(kept) - 1] == kept[:-1] and len(all_of_it) == 12
    # Memory, counts and teacher went on: the numbers are those of a trial that nobody stopped.
    assert scores(place, 0) == scores(place, 1) == scores(place, 3)
    assert len(set(scores(place, 0))) > 6
    assert len(scores(place, 2)) == 3


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
