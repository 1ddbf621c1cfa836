"""Values that an inner layer of RecBole or PyTorch would refuse are told by key and value."""

from pathlib import Path

import pytest

from recbole_fn.cli import main
from tests.cli.test_dispatch import tiny

HEAD = "user_id:token\titem_id:token\ttimestamp:float\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("--hidden_size=-1", "hidden_size is -1; it must be an integer from 1"),
        ("--n_layers=-1", "n_layers is -1; it must be an integer from 1"),
        ("--attn_dropout_prob=16", "attn_dropout_prob is 16; it must be a number from 0 to 1"),
        ("--learning_rate=-1.0", "learning_rate is -1.0; it must be a number of at least 0"),
        ("--weight_decay=-1.0", "weight_decay is -1.0; it must be a number of at least 0"),
        ("--worker=-3", "worker is -3; it must be an integer from 0"),
        ("--loss_type=x", "loss_type is 'x'; it must be BPR or CE"),
        ("--topk=['NDCG']", "topk is ['NDCG']; it must be one or more integers from 1"),
        ("--clip_grad_norm=1", "clip_grad_norm is 1; it must be a mapping with max_norm"),
        ("--rm_dup_inter=any", "rm_dup_inter is 'any'; it must be first or last"),
        ("--user_inter_num_interval=", "user_inter_num_interval is ''; it must be an interval"),
        ("--unload_col=3", "unload_col is 3; it must be a mapping of files to columns"),
        ("--dataset_save_path=['a']", "dataset_save_path is ['a']; it must be the path of a file"),
        ("--normalize_field=['x']", "normalize_field has 'x', which is no column of the data set"),
        ("--val_interval={'x': '[3,4]'}", "val_interval has 'x', which is no column"),
        ("--val_interval={'timestamp': 'x'}", "val_interval has timestamp: 'x'; it must be an int"),
        ("--threshold=[[1],[2]]", "threshold is [[1], [2]]; it must be a mapping of columns"),
        ("--val_interval=3", "val_interval is 3; it must be a mapping of columns"),
        ("--threshold={'rating': 3}", "threshold has 'rating', which is no column"),
        ("--eval_args={'group_by': 'x'}", "eval_args.order is 'RO'"),
        ("--enable_amp=1", "enable_amp is 1; it must be True or False"),
        ("--discretization=1", "discretization is 1; it must be a mapping of columns"),
        ("--preload_weight=abc", "preload_weight is 'abc'; it must be a mapping of columns"),
        ("--transform=nan", "transform is 'nan'; it must be mask_itemseq or inverse_itemseq"),
        ("--loss_decimal_place=-1", "loss_decimal_place is -1; it must be an integer from 0"),
        ("--numerical_features=['item_id']", "has 'item_id', a column of type token; it must be"),
        ("--discretization={'timestamp': {}}", "has 'timestamp'; it must be one of numerical_fea"),
        ("--additional_feat_suffix=['ent']", "has 'ent', but there is no file"),
        ("--epochs=2 --epochs=3", "'--epochs=2' and '--epochs=3' are of one key"),
        ("--item_inter_num_interval=[999,inf)", "no interactions of data set 'tiny' are left"),
    ],
)
def test_a_value_that_cannot_be_used_is_one_line(argument, words, capsys, monkeypatch):
    arguments = [*tiny("--epochs=1", "--state=ERROR")]
    given = argument.split(" --")
    given = [given[0], *(f"--{one}" for one in given[1:])]
    names = {one.split("=")[0] for one in given}
    arguments = [one for one in arguments if one.split("=")[0] not in names]
    monkeypatch.setattr("sys.argv", ["run_recbole_fn.py", *arguments, *given])
    assert main([*arguments, *given]) == 2
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert words in line and "Error:" not in line, line


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (None, "ends within its first line; it must"),
        ("", "no interactions of data set"),
        ("u0\ti0\t1\nu1\ti1\t1\n", "are left to train on"),
    ],
)
def test_a_file_without_rows_to_train_on_is_one_line(lines, words, capsys, monkeypatch):
    Path("own").mkdir()
    Path("own/own.inter").write_text(HEAD.strip() if lines is None else HEAD + lines)
    arguments = ["--dataset=own", "--data_path=.", "--config_files=fn.yaml", "--state=ERROR"]
    monkeypatch.setattr("sys.argv", ["run_recbole_fn.py", *arguments])
    assert main(arguments) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "held"), [("", "nothing"), ("just words", "no keys"), ("- a\n- b", "a list")]
)
def test_a_property_file_without_keys_says_what_it_holds(text, held, capsys, monkeypatch):
    Path("own.yaml").write_text(text)
    arguments = tiny("--state=ERROR", "--config_files=own.yaml")
    monkeypatch.setattr("sys.argv", ["run_recbole_fn.py", *arguments])
    assert main(arguments) == 2
    assert f"config file 'own.yaml' holds {held}; it must hold lines" in capsys.readouterr().err
