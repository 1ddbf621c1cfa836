"""What the help says, and what it says of arguments that nobody understands."""

import shlex
from importlib import import_module

import pytest

from recbole_fn.cli.dispatch import main
from recbole_fn.cli.parser import SUBCOMMANDS


def help_of(arguments, capsys):
    with pytest.raises(SystemExit):
        main([*arguments, "--help"])
    return capsys.readouterr().out


def examples(text):
    """The examples of a help, without the program's name and redirections."""
    below = text.split("\nexamples:\n")[1].split("\n\n")[0].replace("\\\n", "").splitlines()
    return [shlex.split(line.split("|")[0].split(">")[0]) for line in below]


@pytest.mark.parametrize("subcommand", [[name] for name in SUBCOMMANDS] + [["simulate", "measure"]])
def test_each_help_has_three_examples(subcommand, capsys):
    text = help_of(subcommand, capsys)
    assert len(examples(text)) == 3
    assert max(len(line) for line in text.splitlines()) <= 100


@pytest.mark.parametrize(
    "name",
    ["train", "check", "compare", "tune", "convert", "recommend", "report", "benchmark"],
)
def test_the_examples_are_understood(name, capsys):
    module = import_module(f"recbole_fn.cli.{name}")
    for words in examples(help_of([name], capsys)):
        begin = words.index(name) + 1 if name != "train" else 1
        parser = module.parser()
        if name in ("train", "check", "compare", "tune"):
            options, keys = parser.read(words[begin:])
            assert options.model is not None and all(key.startswith("--") for key in keys)
        else:
            parser.parse_args(words[begin:])


@pytest.mark.parametrize(
    ("name", "groups"),
    [
        ("train", ["what is trained:", "where it begins:", "several processes:"]),
        ("simulate", ["the world:", "where it goes:"]),
        ("simulate measure", ["what is measured:", "what is trained:", "where it goes:"]),
        ("report", ["what is reported:"]),
        ("compare", ["what is trained:", "what is compared:", "where it runs:"]),
        ("tune", ["what is trained:", "the search:", "where it runs:"]),
    ],
)
def test_options_stand_in_groups(name, groups, capsys):
    text = help_of(name.split(), capsys)
    places = [text.index(f"\n{group}") for group in groups]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--modle=SASRec", "argument '--modle=SASRec' is not an option; the nearest is --model "),
        ("compare --varaints=off", "the nearest is --variants "),
        ("tune --spcae=a.yaml", "the nearest is --space "),
        ("train --nporc 2", "argument '--nporc' is not understood; the nearest is --nproc;"),
        ("benchmark --row=3", "argument '--row=3' is not understood; the nearest is --rows"),
        ("simulate --userz=3", "the nearest is --users"),
        ("benchmark --rows=x", "--rows is 'x'; it must be an integer"),
        (
            "benchmark --scale 1 --sides mine",
            "--sides is 'mine'; it must be one of ours, off, recbole",
        ),
        ("compare -m", "--model has no value; it must be written --model=VALUE"),
        ("report", "folder is missing; it must be set"),
        ("benchmark --quick=1", "--quick has the value '1'; it must have none"),
    ],
)
def test_wrong_usage_says_what_is_right(arguments, message, capsys):
    assert main(arguments.split()) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line
