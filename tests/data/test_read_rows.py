"""The C engine reads what the Python engine reads, to the last bit, or is not used."""

import contextlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import recbole_fn.data.read_rows as module
from recbole_fn.data.read_rows import is_plain, read_rows

CELLS = st.sampled_from(
    [
        *("a", "01", "1e5", "NA", "null", "", " ", " x", "x ", "é", "'", '"', '"a b"', "#", "\\"),
        *("1.5", "0.1", "1700000000000000001", "9007199254740993", "18446744073709551615"),
        *("1e400", "-inf", "nan", "True", "False", "1_000", " 7", "7 ", "0x1f", "1,5", "\u3000"),
    ]
)
LINES = st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=6)
NUMBERS = st.one_of(
    st.floats(allow_nan=False).map(repr),
    st.integers(-(2**70), 2**70).map(str),
    st.decimals(allow_nan=False, allow_infinity=False).map(str),
)
READING = {
    "usecols": ["user:token", "time:float"],
    "dtype": {"user:token": str, "time:float": np.float64},
    "engine": "python",
}


def write(path, lines, separator="\t", end="\n"):
    rows = [["user:token", "other:token", "time:float"], *lines]
    path.write_bytes((end.join(separator.join(row) for row in rows) + end).encode())


def rows_or_error(read, path, **reading):
    with contextlib.suppress(ValueError, IndexError):
        return read(path, **READING, **reading)
    return None


def assert_same(path, **reading):
    ours, theirs = (rows_or_error(f, path, **reading) for f in (read_rows, pd.read_csv))
    assert (ours is None) == (theirs is None)
    if ours is not None:
        pd.testing.assert_frame_equal(ours, theirs, check_exact=True)
        assert ours.dtypes.equals(theirs.dtypes)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("files") / "own.inter"


@pytest.mark.slow
@given(LINES, st.sampled_from(["\t", ",", ";", " "]), st.sampled_from(["\n", "\r\n", "\r"]))
@example([["a", "b", "1", "2"], ["a", "b", "1"]], "\t", "\n")
@settings(max_examples=300, deadline=None)
def test_odd_files_are_read_as_by_the_python_engine(path, lines, separator, end):
    write(path, lines, separator, end)
    assert_same(path, delimiter=separator, encoding=None)


@pytest.mark.slow
@given(st.lists(NUMBERS, min_size=1, max_size=5))
@settings(max_examples=300, deadline=None)
def test_numbers_are_equal_to_the_last_bit(path, numbers):
    write(path, [["u", "x", number] for number in numbers])
    assert_same(path, delimiter="\t", encoding="utf-8")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "gb18030", "cp037"])
def test_encodings(path, encoding):
    path.write_bytes("user:token\ttime:float\né\t1.5\nß\t2\n".encode(encoding))
    assert_same(path, delimiter="\t", encoding=encoding)


def test_plain_files_are_read_by_the_c_engine(path, monkeypatch):
    write(path, [["a", "b", "1.5"], ["", "b", ""]])
    expected = pd.read_csv(path, delimiter="\t", **READING)
    used = []
    monkeypatch.setattr(
        module.pd, "read_csv", lambda *_, engine, **__: used.append(engine) or expected
    )
    read_rows(path, delimiter="\t", **READING)
    assert used == ["c"]


def test_what_is_not_plain_is_found_wherever_chunks_end(path, monkeypatch):
    for size in range(1, 40):
        monkeypatch.setattr(module, "_CHUNK", size)
        write(path, [["a", "b", "1.5"]] * 5, end="\r\n")
        assert is_plain(path, "\t")
        plain = path.read_bytes()
        for odd in (b"a\tb\rc\t", b'a\t"b\tc', b"a\tb\tc\td", b"a\tb\n", b"a\t\0\tc"):
            path.write_bytes(plain + odd)
            assert not is_plain(path, "\t")
