"""Times of histories sort as times, whatever they are written as."""

import re
from datetime import date, datetime, timedelta, timezone

import pandas as pd
import pytest

from recbole_fn.recommendation.times import ordered_times
from recbole_fn.utils.errors import InputError

ZONES = [timezone(timedelta(hours=hours)) for hours in (5, 0, -8)]


def _order(values):
    column = pd.Series(values, name="timestamp")
    return ordered_times(column).sort_values(kind="stable").index.tolist()


def _naive_order(moments):
    return sorted(range(len(moments)), key=lambda place: moments[place])


@pytest.mark.parametrize("write", [datetime.isoformat, str, pd.Timestamp])
def test_dates_of_several_offsets_have_the_order_of_the_moments(write):
    first = datetime(2024, 1, 1, 9, tzinfo=timezone.utc)
    moments = [
        (first + timedelta(minutes=37 * (n * 7 % 12))).astimezone(ZONES[n % 3]) for n in range(12)
    ]
    assert _order([write(moment) for moment in moments]) == _naive_order(moments)


@pytest.mark.parametrize(
    "values",
    [
        ["10", "9", "8.5"],
        [10, "9", 8.5],
        [date(2024, 3, 1), "2024-02-01", datetime(2024, 1, 31, 10)],
        ["2024-10-1 10:00", "2024-10-1 9:00", "2024-9-30"],
        pd.to_datetime(["2024-03-01", "2024-02-01", "2024-01-01"]),
        pd.array([3, 2, 1], dtype="Int64"),
        pd.Categorical(["10", "9", "8"]),
    ],
)
def test_descending_times_are_turned_round(values):
    assert _order(values) == [2, 1, 0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["13/01/2024", "02/02/2024"], "2 of 2 times that are no ISO dates, the first '13/01"),
        (["9:00", "10:00"], "2 of 2 times that are no ISO dates, the first '9:00' in row 1"),
        (["2024-01-01", "now"], "1 of 2 times that are no ISO dates, the first 'now' in row 2"),
        (["2024-01-01 10:00 EST"], "1 of 1 times that are no ISO dates"),
        (["2024-01-01", "5"], "1 of 2 times that are no numbers, the first '2024-01-01'"),
        (["2024-01-01", ""], "1 of 2 times that are missing, the first '' in row 2; each row must"),
        ([None, None], "2 of 2 times that are missing"),
        ([1.0, float("nan")], "1 of 2 times that are no numbers, the first nan"),
        (pd.to_datetime(["2024-01-01", "NaT"]), "1 of 2 times that are missing, the first NaT"),
    ],
)
def test_what_has_no_place_in_the_order_is_refused(values, message):
    with pytest.raises(InputError, match=re.escape(message)):
        _order(values)
