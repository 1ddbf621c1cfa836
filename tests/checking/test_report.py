"""The report of a check as text, as a table, and as an exit code."""

import pytest

from recbole_fn.checking.finding import Finding
from recbole_fn.checking.report import Report
from recbole_fn.cli.dispatch import main

ROWS = "".join(f"u{u}\ti{(u + t) % 7}\t{t}\n" for u in range(6) for t in range(5))
LONG = Finding("items only in validation or test", "word " * 60, True, ("e" * 90, "b", "c"))


def test_no_line_is_longer_than_a_terminal():
    report = Report("SASRec", "own", (LONG, Finding("rows", "3")), None)
    lines = report.text.splitlines()
    assert max(map(len, lines)) <= 100
    assert [line.split()[0] for line in lines if line.startswith("!")] == ["!", "!"]
    assert lines[-1].startswith("! A run gives other results than the files say: items only in")


def test_a_row_of_the_table_is_a_finding():
    frame = Report("SASRec", "own", (LONG, Finding("rows", "3")), None).frame()
    assert list(frame.columns) == ["name", "found", "alters", "examples"]
    assert frame["alters"].tolist() == [True, False]


def test_the_exit_code_says_whether_a_run_stops_alters_or_neither():
    codes = [
        Report("SASRec", "own", findings, obstacle).exit_code
        for findings, obstacle in (((), None), ((LONG,), None), ((LONG,), "a line"))
    ]
    assert codes == [0, 1, 2]


@pytest.mark.slow
def test_the_command_line(own_folder, monkeypatch, capsys):
    folder = own_folder / "data" / "own"
    folder.mkdir(parents=True)
    head = "user_id:token\titem_id:token\ttimestamp:float\n"

    def called(rows, *keys):
        (folder / "own.inter").write_text(head + rows)
        options = ["--model=SASRec", "--dataset=own", "--steps=0", "--config_files=fn.yaml"]
        words = ["check", *options, "--data_path=data", "--fn_neg_exclude=target", *keys]
        monkeypatch.setattr("sys.argv", ["run_recbole_fn.py", *words])
        return main(words), *capsys.readouterr()

    code, out, err = called(ROWS)
    assert (code, err) == (0, "") and out.startswith("SASRec on own\n")
    plain = ("--fn_enabled=False", "--train_neg_sample_args=None", "--load_col=None")
    code, out, err = called(ROWS, *plain, "--LABEL_FIELD=liked")
    assert code == 1 and "\n! keys without effect" in out and err == ""
    code, out, err = called(ROWS + "u1\tNA\t9\n")
    assert code == 2 and "\n! missing ids" in out and err.count("\n") == 1
    assert err.startswith("error: data set file 'data/own/own.inter' has in line 32")
    code, out, err = called(ROWS, "--epoch=3")
    assert code == 2 and out == "" and "epochs" in err
