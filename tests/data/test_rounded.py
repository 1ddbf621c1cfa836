"""Large numbers are compared as they are written; what float32 changes is said once."""

import logging
from decimal import Decimal

import pytest

from recbole_fn.utils.errors import InputError
from tests.data.test_time_order import LEAVE_ONE_OUT, splits, tokens_of

NOW = 1_700_000_000_000_000_000  # nanoseconds; a float64 holds them in steps of 256


def write(folder, rows, columns=""):
    (folder / "own").mkdir()
    head = f"user_id:token\titem_id:token\ttimestamp:float{columns}\n"
    text = "".join("\t".join(map(str, row)) + "\n" for row in rows)
    (folder / "own" / "own.inter").write_text(head + text)


def clicks(times):
    """Each user has ten items in the order of their numbers; the newest line comes first."""
    return [(f"u{user}", f"i{at}", times(at)) for user in range(3) for at in reversed(range(10))]


@pytest.mark.slow
def test_of_repeated_interactions_the_first_is_so_by_whole_times_and_lines(tmp_path):
    rows = clicks(lambda at: NOW + 2 * at)
    again = [(user, item, time + 99) for user, item, time in rows if item == "i4"]
    write(tmp_path, [*again, *rows])
    test = splits(tmp_path, rm_dup_inter="first", eval_args=LEAVE_ONE_OUT)[2]
    expected = {(f"u{user}", tuple(f"i{at}" for at in range(9)), "i9") for user in range(3)}
    assert set(tokens_of(test)) == expected


@pytest.mark.slow
@pytest.mark.parametrize("end", [NOW + 9, NOW - 9, f"{NOW}.5"])
def test_an_interval_that_float64_misjudges_is_one_line(end, tmp_path):
    write(tmp_path, clicks(lambda at: NOW + at))
    with pytest.raises(InputError, match=r"val_interval has timestamp: .*; it must end farther"):
        splits(tmp_path, val_interval={"timestamp": f"({end},inf)"})


def test_an_interval_that_ends_between_times_is_right(tmp_path):
    write(tmp_path, clicks(lambda at: NOW + 10**9 * at + 10**6))
    end = Decimal(NOW + 5 * 10**9)
    parts = splits(tmp_path, val_interval={"timestamp": f"[{end},inf)"}, eval_args=LEAVE_ONE_OUT)
    assert sum(len(part) for part in parts) == 3 * 4  # five items each, one without a history


def test_a_column_of_large_integers_is_named_once(tmp_path, caplog):
    caplog.set_level(logging.WARNING)
    rows = [(*row, 16_777_216 + at) for at, row in enumerate(clicks(str))]
    write(tmp_path, rows, "\tcode:float")
    splits(tmp_path, load_col=None, state="WARNING")
    (line,) = [r.getMessage() for r in caplog.records if "float32" in r.getMessage()]
    assert line.startswith("code:float holds integers that float32 rounds: 15 of 30 rows have")
    assert "it must be code:token" in line
