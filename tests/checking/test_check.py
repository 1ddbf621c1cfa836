"""What a check says of small made-up files, counted by hand or by a naive loop."""

import logging
from pathlib import Path

import pytest

import recbole_fn
from recbole_fn.utils.errors import InputError
from tests.helpers.made_up_data import PARTS
from tests.helpers.runs import ON, SMALL

HEAD = "user_id:token\titem_id:token\ttimestamp:float\n"
LISTS = "user_id:token\titem_id_list:token_seq\titem_id:token\n"
ROWS = "".join(f"u{u}\ti{(u + t) % 7}\t{t}\n" for u in range(6) for t in range(5))
PLAIN = {"fn_enabled": False, "train_neg_sample_args": None}
QUIET = {**SMALL, **ON, "data_path": "data", "fn_neg_exclude": "target"}
QUIET |= {"topk": 2, "valid_metric": "NDCG@2"}


@pytest.fixture
def write(own_folder):
    folder = own_folder / "data" / "own"
    folder.mkdir(parents=True)

    def written(**contents):
        for suffix, content in contents.items():
            (folder / f"own.{suffix.replace('_', '.')}").write_text(content, encoding="utf-8")

    return written


def check(steps=0, **keys):
    return recbole_fn.check("SASRec", "own", None, {**QUIET, **keys}, steps)


def found(report, name):
    return next(finding for finding in report.findings if finding.name == name)


@pytest.mark.slow
def test_nothing_is_marked_where_there_is_nothing(write):
    write(inter=HEAD + ROWS)
    report = check()
    assert report.exit_code == 0 and report.altering == []
    assert found(report, "interactions").found == "30 of 6 users and 7 items"
    assert found(report, "rows").found == "12 of training, 6 of validation, 6 of test"
    assert report.text.endswith("A run gives the results that the files say.")


def test_nothing_is_written_and_steps_are_measured(write, own_folder):
    write(inter=HEAD + ROWS)
    before, level = sorted(own_folder.rglob("*")), logging.root.manager.disable
    keys = {"fn_log": "epochs.jsonl", "save_dataset": True, "save_dataloaders": True, "epochs": 7}
    report = check(steps=2, train_batch_size=4, fn_batching="prefix", **keys)
    assert sorted(own_folder.rglob("*")) == before and Path.cwd() == own_folder
    assert logging.root.manager.disable == level
    time = found(report, "expected time").found
    assert "an epoch: 3 steps of" in time and "median of 2, extraction on" in time
    assert "for all 7 epochs" in time
    assert "remembered items of all rows" in found(report, "expected memory").found


@pytest.mark.slow
@pytest.mark.parametrize("keys", [{"fn_strategy": "off"}, PLAIN])
def test_without_extraction_no_row_remembers_anything(keys, write):
    write(inter=HEAD + ROWS)
    report = check(steps=1, **keys)
    assert "extraction" not in found(report, "expected time").found
    assert "remembered" not in found(report, "expected memory").found


def test_ids_that_are_read_as_missing(write):
    odd = "u1\tNA\t9\nnull\ti1\t9\nu1\t\t9\nu2\tnan\t9\n"
    write(inter=HEAD + ROWS + odd)
    report = check()
    ids = found(report, "missing ids")
    assert ids.found == "4 of 68 (5.9 %) ids" and ids.alters
    lines = ("line 32 has the item_id 'NA'", "line 33 has the user_id 'null'")
    assert ids.examples == (*lines, "line 34 has the item_id ''")
    assert report.exit_code == 2 and "in line 33 the user_id 'null'" in report.obstacle
    write(inter=HEAD + ROWS + "u1\tNA\t9\n")
    plain = check(**PLAIN)
    assert plain.exit_code == 1 and plain.altering == ["missing ids", "histories and targets"]


@pytest.mark.slow
def test_repeated_lines_ties_and_disorder(write):
    write(inter=HEAD + ROWS + "u1\ti1\t0\nu2\ti6\t4\nu3\ti0\t3\n")
    report = check()
    assert report.exit_code == 0
    repeated = found(report, "duplicates")
    assert repeated.found.startswith("2 of 33 (6.1 %) stand there before, with the same time; ")
    assert repeated.found.endswith("3 of 33 (9.1 %) repeat user and item")
    assert repeated.examples[0] == "line 32: user_id 'u1', item_id 'i1'"
    assert found(report, "ties in time").found.startswith("6 of 33")
    late = found(report, "disorder in time")
    assert late.found.startswith("2 of 33") and late.examples[0] == "line 32: user_id 'u1'"


def test_missing_values_alter_a_run_that_takes_their_mean(write):
    head = HEAD.replace("\n", "\trating:float\ttag:token\n")
    rows = "".join(f"{row}\t{n % 3 or 'NA'}\ta\n" for n, row in enumerate(ROWS.splitlines()))
    write(inter=head + rows)
    gaps = found(check(), "missing values")
    assert gaps.alters and gaps.found == "rating 10 of 30 (33 %); a run takes the mean for rating"
    assert gaps.examples == ("rating: line 2 of own.inter",)
    columns = ["user_id", "item_id", "timestamp"]
    report = check(load_col={"inter": columns})
    assert (
        report.exit_code == 0 and found(report, "missing values").found == "rating 10 of 30 (33 %)"
    )


def test_integers_that_float32_rounds(write):
    write(inter=HEAD + ROWS, item="item_id:token\tcode:float\ni1\t16777217\ni0\t3\n")
    codes = found(check(filter_inter_by_user_or_item=False), "rounded integers")
    assert codes.alters and codes.examples == ("code: 1 of 2 (50 %)",)


def test_ids_that_look_alike(write):
    write(inter=HEAD + ROWS + "u1 \tI1\t9\nu1\ti1.0\t9\n")
    groups = found(check(), "ids alike")
    assert groups.examples == ("user_id 'u1', 'u1 '", "item_id 'i1', 'I1', 'i1.0'")
    assert not groups.alters


@pytest.mark.slow
def test_items_without_a_line_of_their_own_are_left_out(write):
    items = "item_id:token\tkind:token\n" + "".join(f"i{n}\tk\n" for n in range(1, 9))
    write(inter=HEAD + ROWS, item=f"{items}i1\tother\n")
    report = check()
    unknown = found(report, "without features")
    assert unknown.found.startswith("4 of 30") and unknown.alters
    assert found(report, "rows").found.endswith(
        "4 of 30 (13 %) interactions are left out by filters"
    )
    assert found(report, "repeated features").examples == ("line 10 of own.item",)
    assert found(report, "items without interactions").examples == ("'i7'", "'i8'")
    assert found(report, "histories and targets").found.startswith("as in the files")


@pytest.mark.slow
def test_keys_without_effect(write):
    rated = "".join(f"{row}\t3\n" for row in ROWS.splitlines())
    write(inter=HEAD.replace("\n", "\trating:float\n") + rated)
    report = check(threshold={"rating": 3}, epoch=3, dropout_prob=0.1)
    keys = found(report, "keys without effect")
    assert keys.alters and len(keys.examples) == 2 and "epochs" in keys.examples[1]
    assert found(report, "keys of other models").examples[-1] == "dropout_prob"
    assert report.exit_code == 1


def test_times_that_a_run_of_plain_recbole_rounds(write):
    rows = [
        (f"u{u}", f"i{(u + t) % 7}", 1_700_000_000 + 20 * t) for u in range(6) for t in range(5)
    ]
    late = [rows[-1 - n] for n in range(10)]  # of two users, newest first
    lines = "".join(f"{u}\t{i}\t{t}\n" for u, i, t in rows[:20] + late)
    write(inter=HEAD + lines)
    report = check(**PLAIN)
    wrong = found(report, "histories and targets")
    assert wrong.found == "2 of 6 (33 %) users have others than in the files" and wrong.alters
    assert wrong.examples == ("user 'u5'", "user 'u4'")
    filtered = found(check(**PLAIN, item_inter_num_interval="[1,inf)"), "histories and targets")
    assert filtered.found == "2 of 6 (33 %) users have them in the order of rounded times"
    assert check().exit_code == check(rm_dup_inter="first").exit_code == 0
    # RecBole sorts by the whole times before it drops repeated interactions.
    assert found(check(**PLAIN, rm_dup_inter="first"), "histories and targets").alters is False


def test_histories_that_are_cut_and_items_that_training_does_not_have(write):
    write(inter=HEAD + ROWS + "u0\tnew\t99\n")
    report = check(MAX_ITEM_LIST_LENGTH=3)
    # Histories of four items: the last of each user; u0 has one of five as well.
    assert (
        found(report, "histories cut").found == "7 of 25 (28 %) rows; the latest 3 items are kept"
    )
    new = found(report, "items only in validation or test")
    assert new.found == "1, which are the targets of 1 of 12 (8.3 %) rows"
    assert new.examples == ("item_id 'new'",)


@pytest.mark.parametrize("keys", [{}, PLAIN])
def test_pre_split_interactions(keys, write):
    write(**{f"{part}_inter": HEAD + ROWS for part in PARTS})
    report = check(benchmark_filename=list(PARTS), **keys)
    assert report.exit_code == 0
    assert found(report, "interactions").examples[0] == "own.train.inter has 30"
    assert found(report, "histories and targets").found.startswith("as in the files")
    assert found(report, "rows").found == "24 of training, 30 of validation, 30 of test"


def test_lists_of_pre_split_files_that_lose_their_latest_items(write):
    rows = "".join(f"u{u}\ti1 i2 i3\ti{u % 4}\n" for u in range(8))
    write(**{f"{part}_inter": LISTS + rows for part in PARTS})
    keys = {"benchmark_filename": list(PARTS), "alias_of_item_id": ["item_id_list"]}
    assert check(**keys).exit_code == 0
    report = check(**keys, seq_len={"item_id_list": 2})
    assert report.altering == ["histories and targets", "histories cut"]
    assert found(report, "histories cut").examples[0] == "line 2 of own.train.inter"


@pytest.mark.slow
def test_what_stops_a_run_after_its_data_are_read_is_said_too(write):
    write(inter=HEAD + ROWS)
    report = check(steps=1, topk=10, valid_metric="NDCG@10")
    assert report.exit_code == 2 and report.obstacle.startswith("topk is [10], but the data set")


@pytest.mark.slow
def test_files_that_cannot_be_read_are_named(write):
    with pytest.raises(InputError, match=r"own\.inter' cannot be read"):
        check()
    write(inter="user_id:token\ttimestamp:float\nu1\t1\n")
    with pytest.raises(InputError, match="has no column 'item_id'"):
        check()
    with pytest.raises(InputError, match="steps is -1; it must be at least 0"):
        check(steps=-1)
