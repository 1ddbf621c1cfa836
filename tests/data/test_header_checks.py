"""What RecBole would report from within, or after an epoch, is one line before training."""

import re

import pytest

import recbole_fn
from recbole_fn.utils.errors import InputError
from tests.helpers.runs import ON, SMALL

HEAD = "user_id:token\titem_id:token\ttimestamp:float\n"
LIST_HEAD = "user_id:token\titem_id_list:token_seq\titem_id:token\n"
ROWS = "".join(f"u{u}\ti{(u + t) % 7}\t{t}\n" for u in range(8) for t in range(6))
LISTS = "".join(f"u{u}\ti1 i2 i3\ti{u % 4}\n" for u in range(8))
PRICES = "item_id:token\tprice:float\n" + "".join(f"i{i}\t{i}.5\n" for i in range(7))


@pytest.fixture
def write(own_folder):
    folder = own_folder / "data" / "own"
    folder.mkdir(parents=True)

    def written(**contents):
        for suffix, content in contents.items():
            (folder / f"own.{suffix.replace('_', '.')}").write_text(content, encoding="utf-8")

    return written


def run(model="SASRec", **keys):
    keys = {
        **SMALL,
        **ON,
        "data_path": "data",
        "epochs": 1,
        "topk": 2,
        "valid_metric": "NDCG@2",
        "fn_neg_exclude": "target",
        **keys,
    }
    return recbole_fn.run_recbole_fn(model, "own", None, keys, saved=False)


def mistake(**keys):
    with pytest.raises(InputError) as caught:
        run(**keys)
    message = str(caught.value)
    assert "\n" not in message and "is not usable" not in message
    return message


@pytest.mark.parametrize(
    ("column", "wanted", "must"),
    [
        ("rating:token", "[3,5]", "type token; it must be a list of texts, as \\['3'\\]"),
        ("rating:token", [3, 4, 5], "type token; it must be a list of texts"),
        ("rating:float", ["3", "4"], "type float; it must be an interval, such as"),
    ],
)
def test_values_to_keep_that_do_not_go_with_the_columns_type(column, wanted, must, write):
    rows = ROWS.replace("\n", "\t3\n")
    write(inter=HEAD.replace("\n", f"\t{column}\n") + rows)
    keys = {"val_interval": {"rating": wanted}}
    assert re.search(f"val_interval has rating: .*, a column of {must}", mistake(**keys))


@pytest.mark.parametrize(("column", "wanted"), [("rating:token", ["3"]), ("rating:float", "[3,5]")])
def test_values_to_keep_that_go_with_the_columns_type(column, wanted, write):
    write(inter=HEAD.replace("\n", f"\t{column}\n") + ROWS.replace("\n", "\t3\n"))
    assert run(val_interval={"rating": wanted})["test_result"]


SPLIT = {"benchmark_filename": ["train", "valid", "test"], "alias_of_item_id": ["item_id_list"]}


@pytest.mark.slow
def test_pre_split_files_with_other_columns_are_named(write):
    write(train_inter=HEAD + ROWS, valid_inter=HEAD + ROWS, test_inter=LIST_HEAD + LISTS)
    assert "own.test.inter' has columns user_id:token, item_id_list:token_seq" in mistake(**SPLIT)


def test_a_list_longer_than_the_longest_is_named_by_its_line(write):
    long = LISTS + "u1\t" + " ".join(f"i{i % 4}" for i in range(17)) + "\ti1\n"
    write(train_inter=LIST_HEAD + LISTS, valid_inter=LIST_HEAD + LISTS, test_inter=LIST_HEAD + long)
    message = mistake(**SPLIT)
    assert "own.test.inter' has in line 10 a list of 17 items" in message
    assert "at most MAX_ITEM_LIST_LENGTH, which is 16" in message
    write(test_inter=LIST_HEAD + LISTS)
    assert run(**SPLIT)["test_result"]


@pytest.mark.slow
@pytest.mark.parametrize(("written", "length"), [(" ", 0), ("i1 i2 i3 i1", 4)])
def test_a_list_that_seq_len_leaves_empty_or_too_long(written, length, write):
    lists = {f"{part}_inter": LIST_HEAD + LISTS for part in ("train", "valid", "test")}
    write(**{**lists, "test_inter": f"{LIST_HEAD}{LISTS}u1\t{written}\ti1\n"})
    keys = {**SPLIT, "MAX_ITEM_LIST_LENGTH": 3}
    message = mistake(**keys, seq_len={"item_id_list": 4})
    assert f"own.test.inter' has in line 10 a list of {length} items" in message
    assert "at least one, and at most MAX_ITEM_LIST_LENGTH, which is 3" in message


def test_a_list_that_is_read_as_missing_is_named(write):
    lists = {f"{part}_inter": LIST_HEAD + LISTS for part in ("train", "valid", "test")}
    write(**{**lists, "valid_inter": f"{LIST_HEAD}{LISTS}u1\tNA\ti1\n"})
    assert "own.valid.inter' has in line 10 the item_id_list 'NA'" in mistake(**SPLIT)


def test_a_separator_within_quotes_is_part_of_its_field(write):
    quoted = LISTS + '"u1\tu2"\ti1 i2 i3\ti1\n'
    keys = {"MAX_ITEM_LIST_LENGTH": 3, "field_separator": "\t", **SPLIT}
    write(**{f"{part}_inter": LIST_HEAD + quoted for part in ("train", "valid", "test")})
    assert run(**keys)["test_result"]


@pytest.mark.slow
def test_two_parts_instead_of_three_are_named(write):
    write(train_inter=LIST_HEAD + LISTS, test_inter=LIST_HEAD + LISTS, inter=HEAD + ROWS)
    message = mistake(benchmark_filename=["train", "test"])
    assert "benchmark_filename is ['train', 'test']; it must list three parts" in message
    message = mistake(eval_args={"split": {"RS": [0.8, 0.2]}, "order": "TO", "group_by": "user"})
    assert "eval_args.split.RS is [0.8, 0.2]; it must be three ratios" in message


def test_metrics_of_a_ranking_with_labels_are_named_before_an_epoch(write):
    write(inter=HEAD + ROWS)
    keys = {"eval_args": {"split": {"LS": "valid_and_test"}, "order": "TO", "mode": "labeled"}}
    assert "eval_args.mode is labeled" in mistake(**keys)
    keys |= {"metrics": ["AUC"], "valid_metric": "AUC"}
    assert "'label' (LABEL_FIELD) is not a column that is loaded" in mistake(**keys)
    write(inter=HEAD.replace("\n", "\tlabel:float\n") + ROWS.replace("\n", "\t1\n"))
    load_col = {"inter": ["user_id", "item_id", "timestamp"]}
    assert "it must be one in load_col.inter" in mistake(**keys, load_col=load_col)
    assert "auc" in run(**keys)["test_result"]


def test_disliked_items_have_ranks_among_all_items_alone(write):
    write(inter=HEAD.replace("\n", "\trating:float\n") + ROWS.replace("\n", "\t1\n"))
    kinds = {"fn_enabled": True, "fn_feedback_field": "rating", "fn_feedback_negative": "<= 2"}
    keys = {"eval_args": {"split": {"LS": "valid_and_test"}, "order": "TO", "mode": "uni20"}}
    assert "eval_args.mode is uni20 and fn_feedback_field" in mistake(**keys, **kinds)


def test_a_header_without_types_is_named(write):
    write(inter=HEAD.replace(":token", "", 1) + ROWS)
    message = mistake()
    assert (
        "in its header the column 'user_id'; it must be name:type, such as user_id:tok" in message
    )


@pytest.mark.slow
def test_float_features_alone_are_named(write):
    write(inter=HEAD + ROWS, item=PRICES)
    keys = {"selected_features": ["price"], "load_col": None}
    assert "selected_features is ['price'], all of them float" in mistake(model="SASRecF", **keys)
    assert run("SASRecF", numerical_features=["price"], **keys)["test_result"]


@pytest.mark.parametrize(
    ("transform", "argument"),
    [("mask_itemseq", "mask_ratio"), ("crop_itemseq", "eta"), ("reorder_itemseq", "beta")],
)
def test_a_transform_without_its_argument_is_named(transform, argument, write):
    write(inter=HEAD + ROWS)
    assert f"needs {argument}; {argument} is None" in mistake(transform=transform)
