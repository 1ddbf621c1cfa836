"""A script that reads and prints as the authors' code does stands for it."""

import json
import subprocess
import sys
import time
from argparse import Namespace
from types import SimpleNamespace

import pytest
from recbole.config import Config

from recbole_fn.benchmark import authors_code, epoch_times
from recbole_fn.benchmark.authors_code import fill_in
from recbole_fn.cli import main
from recbole_fn.data.loaders import dataset_of
from recbole_fn.utils.errors import InputError
from tests.helpers.runs import ROOT, pieces

CLONE = """
import argparse, json, pathlib
parser = argparse.ArgumentParser()
for name in ("dataset", "name", "device"):
    parser.add_argument("--" + name)
for name in ("neg_nums", "batch_size", "hidden_units", "maxlen", "num_blocks", "num_heads"):
    parser.add_argument("--" + name, type=int)
parser.add_argument("--num_epochs", type=int)
options = parser.parse_args()
lines = pathlib.Path("data", options.dataset + ".txt").read_text().splitlines()
seen = {"options": vars(options), "lines": lines, "folder": str(pathlib.Path.cwd())}
pathlib.Path(__file__).with_name("seen.json").write_text(json.dumps(seen))
print("average sequence length: 3.00")
for epoch in range(options.num_epochs):
    print(f"loss in epoch {epoch + 2} : 0.5")
"""
TINY = ["--dataset=tiny", f"--data_path={ROOT / 'dataset'}"]


@pytest.fixture
def clone(tmp_path):
    folder = tmp_path / "a clone"
    folder.mkdir()
    (folder / "main.py").write_text(CLONE)
    return folder


@pytest.mark.slow
def test_the_code_gets_the_same_interactions_and_its_own_options(clone, own_folder, capsys):
    code = main(["benchmark", *TINY, "--reference", str(clone), "--json=figures.json"])
    assert code == 0, capsys.readouterr().err
    seen = json.loads((clone / "seen.json").read_text())
    assert seen["options"]["neg_nums"] == 100
    assert (seen["options"]["hidden_units"], seen["options"]["maxlen"]) == (64, 50)
    assert (seen["options"]["num_blocks"], seen["options"]["num_heads"]) == (2, 2)
    histories = {}
    for line in seen["lines"]:
        user, item = map(int, line.split(" "))
        histories.setdefault(user, []).append(item)
    assert list(histories) == list(range(1, 1 + len(histories)))
    assert sorted(map(len, histories.values())) == sorted(map(len, histories_of_tiny().values()))
    run = pieces()
    names = run.dataset.field2id_token
    for user, items in histories.items():
        tokens = [names["item_id"][item] for item in items]
        assert tokens == histories_of_tiny()[names["user_id"][user]]
    assert not (own_folder / seen["folder"]).exists()
    (row,) = json.loads((own_folder / "figures.json").read_text())
    assert row["what"] == "training: the authors' code" and row["ratio"] > 0


def histories_of_tiny():
    header, *lines = (ROOT / "dataset" / "tiny" / "tiny.inter").read_text().splitlines()
    names = [name.split(":")[0] for name in header.split("\t")]
    rows = [dict(zip(names, line.split("\t"), strict=False)) for line in lines]
    rows.sort(key=lambda row: float(row["timestamp"]))
    histories = {}
    for row in rows:
        histories.setdefault(row["user_id"], []).append(row["item_id"])
    return histories


def test_an_epoch_is_the_time_between_two_lines(monkeypatch, tmp_path):
    clock = iter([10.0, 13.0, 17.0])
    monkeypatch.setattr(epoch_times, "perf_counter", lambda: next(clock))
    lines = "print('loss in epoch 2 : 1'); print('Evaluating'); print('loss in epoch 3 : 1'); "
    command = [sys.executable, "-c", lines + "print('loss in epoch 4 : 1'); print('Done')"]
    assert epoch_times.time_epochs(command, tmp_path, authors_code.EPOCH_END, 3) == [3.0, 4.0]


def test_a_printed_time_is_taken_as_it_is(tmp_path):
    command = [sys.executable, "-c", "[print(f'epoch {k}: {k}.5 s') for k in range(9)]"]
    assert epoch_times.time_epochs(command, tmp_path, r": ([\d.]+) s", 3) == [1.5, 2.5]


def test_the_command_and_all_that_it_started_are_stopped(tmp_path):
    script = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print('epoch', child.pid); print('epoch', child.pid); time.sleep(600)"
    )
    times = epoch_times.time_epochs([sys.executable, "-c", script], tmp_path, r"epoch (\d+)", 2)
    deadline = time.monotonic() + 20
    while is_running(int(times[0])):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_running(pid):
    """Whether a process is there and not merely waiting to be buried."""
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], stdout=subprocess.PIPE)
    state = listed.stdout.decode().strip()
    return state != "" and not state.startswith("Z")


def test_a_command_that_fails_is_named_with_what_it_said(tmp_path):
    command = [sys.executable, "-c", "raise SystemExit('no module named torch_ema')"]
    with pytest.raises(
        InputError,
        match="after 0 epochs of 4 with the line 'no module named torch_ema'; each epoch must",
    ):
        epoch_times.time_epochs(command, tmp_path, authors_code.EPOCH_END, 4)


@pytest.mark.slow
def test_mistakes_are_told_in_one_line(clone, capsys):
    arguments = [*TINY, "--reference", str(clone)]
    assert main(["benchmark", *arguments, "--reference_command={python} {script}"]) == 2
    assert main(["benchmark", *arguments, "--model=GRU4Rec"]) == 2
    first, second = capsys.readouterr().err.strip().splitlines()[-2:]
    assert "--reference_command" in first and "'script'" in first and "path" in first
    assert "SASRec" in second and "'GRU4Rec'" in second


def test_a_pass_of_theirs_has_at_most_a_lists_rows_of_each_user():
    dataset = dataset_of(pieces(MAX_ITEM_LIST_LENGTH=3).train_data)
    users = dataset.inter_feat["user_id"].tolist()
    expected = [min(users.count(user), 3) for user in sorted(set(users))]
    assert authors_code.rows_in_windows(dataset).tolist() == expected
    assert 3 in expected


def test_no_more_users_than_there_are_go_into_a_step(clone):
    seen = {}

    def remember(options, config, users):
        seen["users"] = users
        raise InputError("far enough")

    tiny = {"dataset": "tiny", "data_path": str(ROOT / "dataset")}
    options = SimpleNamespace(model="SASRec", rows=2048, **tiny)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(InputError, match="far enough"):
        patch.setattr(authors_code, "fill_in", remember)
        authors_code.compare_authors(options)
    assert 1 <= seen["users"] <= 80


@pytest.mark.parametrize("command", ["{python} {", "{python} {0}", "{python} 'open"])
def test_a_command_that_cannot_be_filled_in_is_told_in_our_words(command):
    config = Config("SASRec", "ml-100k", config_dict={"train_neg_sample_args": None})
    options = Namespace(reference="code", reference_command=command, reference_epochs=1)
    with pytest.raises(InputError, match="must be in pairs, and each placeholder must have a name"):
        fill_in(options, config, users=32)
