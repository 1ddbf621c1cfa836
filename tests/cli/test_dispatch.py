"""The real script, as a user runs it."""

import io
import os
import re
import subprocess
import sys
import zipfile
from contextlib import redirect_stderr

import pytest

from recbole_fn.cli import compare, main, train, tune
from recbole_fn.cli.parser import SUBCOMMANDS
from tests.helpers.runs import ROOT, SMALL

TINY = {**SMALL, "dataset": "tiny", "fn_start": 1, "fn_flip_after": 0, "config_files": "fn.yaml"}


def tiny(*more):
    """Arguments of a small run; more of them replace those of the same key."""
    subcommand = [word for word in more[:1] if not word.startswith("-")]
    rest = more[len(subcommand) :]
    keys = dict(argument[2:].split("=") for argument in rest if "=" in argument)
    base = {key: str(value).replace(" ", "") for key, value in TINY.items()}
    others = [argument for argument in rest if "=" not in argument]
    return subcommand + [f"--{key}={value}" for key, value in {**base, **keys}.items()] + others


def script(*arguments, program=(str(ROOT / "run_recbole_fn.py"),), path=str(ROOT), **kwargs):
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, *program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, **kwargs)


def refused(*arguments):
    """Runs the command line in this process on a mistake, which is quicker than the script."""
    words, errors = tiny(*arguments, "--state=ERROR"), io.StringIO()
    with redirect_stderr(errors), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["run_recbole_fn.py", *words])
        patch.setattr(sys, "path", [*sys.path])
        return only_line(main(words), errors.getvalue())


def only_line(code, errors):
    """The one line of a mistake, which ends with exit code 2."""
    assert code == 2, errors
    lines = errors.strip().split("\n")
    assert len(lines) == 1 and lines[0].startswith("error: "), errors
    return lines[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    "mistake", ["--fn_flip_atfer=3", "--dataset=nothing", "--config_files=fm.yaml", "--topk=-1"]
)
def test_the_script_says_what_the_command_line_says(mistake):
    done = script(*tiny("--state=ERROR", mistake))
    assert only_line(done.returncode, done.stderr) == refused(mistake)


@pytest.mark.slow
def test_the_main_job_on_a_small_data_set():
    done = script(*tiny("--model=SASRec", "--show_progress=True", "--state=INFO"))
    assert done.returncode == 0, done.stderr
    output = re.sub("\x1b\\[[0-9;]*m", "", done.stderr)
    assert "Train     0: 100%" not in output  # progress bars are for terminals
    assert "epoch 1: extraction starts, because fn_start is epoch 1." in output
    header = r"epoch +train loss +hard +extracted +rate +consistency +\S+@\d+ +time +left"
    assert re.search(header, output)
    line = r"INFO +2 +[\d.]+ +\d+ +[1-9]\d* +[\d.]+% +[\d.]+ +[\d.]+\*? +[\d.]+ s +[\d.]+ s"
    assert re.search(line, output)
    assert re.search(r"metric +best valid +test\n", output)
    path = re.search(r"Checkpoint: (\S+)", output)
    assert path and os.path.exists(path[1])


@pytest.mark.slow
def test_the_command_line_wins_over_files_and_the_last_file_over_the_first(own_folder):
    (own_folder / "a.yaml").write_text("fn_neg_num: 5\nfn_flip_after: 4\nepochs: 1\n")
    (own_folder / "b.yaml").write_text("fn_flip_after: 3\n")
    files = [
        "--dataset=tiny",
        f"--data_path={ROOT / 'dataset'}",
        "--config_files=fn.yaml a.yaml b.yaml",
    ]
    keys = ("--epochs=2", "--show_progress=False", "--fn_log_style=recbole")
    done = script(*files, *keys)
    output = re.sub("\x1b\\[[0-9;]*m", "", done.stderr)
    for line in ("fn_neg_num = 5", "fn_flip_after = 3", "epochs = 2", "fn_teacher_decay = 0.999"):
        assert line in output


def test_a_file_where_the_user_stands_comes_before_the_packaged_one(own_folder):
    (own_folder / "fn.yaml").write_text("fn_neg_num: 0\n")
    assert "fn_neg_num is 0" in refused()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--fn_flip_atfer=3"], ["fn_flip_atfer", "fn_flip_after"]),
        (["--fn_neg_num=0"], ["fn_neg_num is 0", "an integer from 1"]),
        (["--fn_start=later"], ["fn_start is 'later'", "auto, paper or an epoch"]),
        (["--model=BPR"], ["'BPR' is not sequential"]),
        (["--model=SASRek"], ["'SASRek'", "SASRec"]),
        (["--dataset=nothing"], ["nothing.inter", "cannot be read"]),
        (["--TIME_FIELD=when"], ["tiny.inter", "no column 'when'", "timestamp"]),
        (["--ITEM_ID_FIELD=thing"], ["tiny.inter", "no column 'thing'"]),
        (["--topk=-1"], ["topk", "-1"]),
        (["--metrics=Taste"], ["Taste"]),
        (["--fn_neg_num", "3"], ["'--fn_neg_num' is not understood", "--key=value"]),
        (["--nproc=0"], ["--nproc is 0", "an integer from 1"]),
        (["--nproc=2", "--port=http"], ["--port is 'http'", "from 1 to 65535"]),
        (["--nproc=2", "--group_offset=1"], ["--group_offset 1", "from 0 to world_size - nproc"]),
        (["--nproc=two"], ["--nproc", "'two'"]),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(arguments, words):
    line = refused(*arguments)
    assert all(word in line for word in words), line


MODES = {
    "training": [],
    "training in several processes": ["train", "--nproc=2"],
    "--resume": ["--resume=a.pth"],
    "a comparison with --ray_address": ["compare", "--ray_address=here"],
    "a search": ["tune", "--space=tune/fn.yaml"],
    "tune --resume": ["tune", "--resume=here"],
}


@pytest.mark.parametrize(
    ("mode", "unused"),
    [
        ("training", "--ip --port --group_offset"),
        ("--resume", "--init_from --port"),
        ("a comparison with --ray_address", "--workers"),
        ("a search", "--resume"),
        ("tune --resume", "--model --dataset --config_files --space --out"),
    ],
)
def test_an_option_that_a_mode_does_not_use_is_refused(mode, unused, capsys):
    for name in unused.split():
        line = only_line(main([*MODES[mode], f"{name}=7"]), capsys.readouterr().err)
        assert "does not use; it must be left out (it is for: " in line


@pytest.mark.parametrize(
    ("mode", "others"),
    [
        ("training", "--variants --seeds --out --workers --space --ray_address --tune_search"),
        ("training in several processes", "--variants --workers --ray_address"),
        ("a comparison with --ray_address", "--nproc --init_from --resume --space --tune_search"),
        ("a search", "--nproc --init_from --world_size --ip --port --variants --seeds --workers"),
    ],
)
def test_an_option_of_another_subcommand_is_refused(mode, others, capsys):
    for name in others.split():
        line = only_line(main([*MODES[mode], f"{name}=7"]), capsys.readouterr().err)
        assert f"argument '{name}=7' is not an option of " in line
        assert "it must be left out (it is for: " in line


@pytest.mark.parametrize("option", ["--compare", "--arms=off", "--tune=a.yaml", "--tune_resume=a"])
def test_an_option_that_is_a_subcommand_now_says_how_it_is_written(option, capsys):
    line = only_line(main([option]), capsys.readouterr().err)
    assert f"argument '{option}' is now written " in line
    assert " compare" in line or " tune" in line


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_each_subcommand_has_its_own_help(subcommand, capsys):
    with pytest.raises(SystemExit) as stop:
        main([subcommand, "--help"])
    assert stop.value.code == 0
    assert "usage: " in capsys.readouterr().out


@pytest.mark.parametrize("subcommand", [name for name in SUBCOMMANDS if name != "simulate"])
def test_a_subcommand_refuses_what_it_does_not_know(subcommand, capsys):
    code = main([subcommand, "--no_such", "thing"])
    assert "--no_such" in only_line(code, capsys.readouterr().err)


def test_an_unknown_subcommand_is_named_with_the_nearest(capsys):
    line = only_line(main(["comapre"]), capsys.readouterr().err)
    assert "'comapre' is not a subcommand" in line and "compare is the nearest" in line


@pytest.mark.parametrize("module", [train, compare, tune])
def test_each_option_is_used_by_a_mode_and_is_none_where_it_is_not_set(module):
    for option, value in vars(module.parser().parse_args([])).items():
        assert value is None
        assert any(option in used for used in module.USED.values()), option


def test_samplers_are_shown_with_their_arguments(capsys):
    assert main(["samplers"]) == 0
    output = capsys.readouterr().out
    for words in (
        "uniform     Draws uniformly",
        "followers  ",
        "items: K, the most followers of a row",
    ):
        assert words in output
    assert max(map(len, output.splitlines())) <= 100


@pytest.mark.parametrize(
    "content",
    [b"fn_neg_num: [1", b"just words", b"- a\n- list", b"", b"\xff\xfe\x00fn", b"a: b: c"],
)
def test_a_broken_property_file_is_named(content, own_folder):
    (own_folder / "broken.yaml").write_bytes(content)
    assert "broken.yaml" in refused("--config_files=broken.yaml")


def test_a_missing_property_file_is_named_with_those_that_exist(own_folder):
    line = refused("--config_files=fm.yaml")
    assert "'fm.yaml'" in line and "fn.yaml" in line and str(own_folder) in line


def test_help_names_what_a_user_needs():
    done = script("--help")
    assert done.returncode == 0
    for word in ("--model", "--dataset", "--config_files", "--nproc", "--key=value", *SUBCOMMANDS):
        assert word in done.stdout


@pytest.mark.slow
def test_an_installed_wheel_runs_outside_the_repository(own_folder):
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    copy = own_folder / "copy"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(copy)], check=True)
    subprocess.run([*build, "-w", str(own_folder), str(copy)], check=True, capture_output=True)
    (wheel,) = own_folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(own_folder / "site")
    site = str(own_folder / "site")
    elsewhere = own_folder / "elsewhere"
    elsewhere.mkdir()
    done = script(*tiny("--epochs=1"), program=("-m", "recbole_fn"), path=site, cwd=elsewhere)
    assert done.returncode == 0, done.stderr
    where = "import recbole_fn; print(recbole_fn.__file__)"
    printed = script(program=("-c", where), path=site, cwd=elsewhere).stdout
    assert printed.startswith(site)


@pytest.mark.slow
def test_a_reader_that_leaves_ends_the_command_without_a_word():
    command = [sys.executable, str(ROOT / "run_recbole_fn.py"), "samplers"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        running.stdout.close()
        assert running.stderr.read() == b"" and running.wait() == 141


@pytest.mark.slow
@pytest.mark.parametrize("words", [[], ["train"]])
def test_recbole_does_not_warn_of_options_that_are_ours(words, tmp_path):
    keys = [f"--data_path={ROOT / 'dataset'}", "--epochs=1", "--train_batch_size=128"]
    options = ["-m", "SASRec", "-d", "tiny", "--config_files=fn.yaml"]
    done = script(*words, *options, *keys, cwd=tmp_path)
    assert done.returncode == 0 and "epoch" in done.stdout + done.stderr
    assert "will not be used" not in done.stdout + done.stderr
