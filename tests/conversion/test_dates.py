"""The order of day, month and year is decided for a whole column, and never guessed."""

import random
from datetime import datetime, timedelta, timezone

import pandas as pd
import pytest

from recbole_fn.conversion.columns import Column
from recbole_fn.conversion.texts import seconds
from recbole_fn.utils.errors import InputError

COLUMN = Column("when", "timestamp", "float", "time")


def _seconds(*values):
    return [float(one) for one in seconds(pd.Series(values), COLUMN, "sales.csv")]


def _moments(count):
    draw, begin = random.Random(5), datetime(1999, 12, 30, tzinfo=timezone.utc)
    return [begin + timedelta(minutes=draw.randrange(10**7)) for _ in range(count)]


@pytest.mark.parametrize(
    "form",
    [
        "%d/%m/%Y %H:%M",
        "%m/%d/%Y %H:%M",
        "%d.%m.%Y, %I:%M %p",
        "%a %d-%m-%Y %H:%M:%S",
        "%H:%M %m.%d.%Y",
        "%m/%d/%y %H:%M",
        "%d %b %Y %H:%M",
        "%H:%M %B %d, %Y",
        "%Y/%m/%d %I:%M %p",
        "%Y-%m-%dT%H:%MZ",
    ],
)
def test_each_form_gives_back_the_moments_that_it_was_written_from(form):
    moments = [*_moments(100), datetime(2024, 4, 30, tzinfo=timezone.utc)]
    expected = [moment.timestamp() for moment in moments]
    assert _seconds(*(moment.strftime(form) for moment in moments)) == expected


def test_days_without_leading_zeros_and_other_forms_go_along():
    texts = ["1/2/2024", "3.4.2024 8:26 PM", "31/1/2024", "2024-02-03", "2024-03", "5 Jun 2024"]
    days = [(2, 1), (4, 3), (1, 31), (2, 3), (3, 1), (6, 5)]
    expected = [datetime(2024, *day, tzinfo=timezone.utc).timestamp() for day in days]
    expected[1] += 20 * 3600 + 26 * 60
    assert _seconds(*texts) == expected


def test_years_of_two_digits_are_of_1969_to_2068():
    years = [datetime(year, 12, 31, tzinfo=timezone.utc).timestamp() for year in (1969, 2068)]
    assert _seconds("12/31/69", "12/31/68") == years


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["03/04/2024", "12/04/2024"], "row 1: '03/04/2024'; they must be ISO dates, such as 2024"),
        (["01.02.2024"], "such as 2024-01-02 or 2024-02-01"),
        (["2024-01-05", "05/05/2024", "05.01.2024"], "the first in row 3: '05.01.2024'"),
        (["24-01-31"], "'24-01-31'; they must be ISO dates, such as 2031-01-24 or 2024-01-31"),
        (
            ["04/13/2024", "13/04/2024"],
            "order of day, month and year fits: '04/13/2024' and",
        ),
    ],
)
def test_an_order_that_cannot_be_told_is_asked_for(values, words):
    with pytest.raises(InputError, match="'sales.csv' has dates in when that ") as error:
        _seconds(*values)
    assert words in str(error.value)


@pytest.mark.parametrize("value", ["2024-01-05 10:00 EST", "Mon Sep 24 03:35:21 edt 2012"])
def test_a_zone_that_is_a_name_is_refused(value):
    with pytest.raises(InputError, match="zone '(EST|edt)', the first in row 2: .*-05:00"):
        _seconds("2024-01-01 10:00 UTC", value)


def test_offsets_and_the_names_of_utc_are_zones():
    texts = ["2024-01-05 10:00 UTC", "Fri, 05 Jan 2024 10:00:00 GMT", "2024-01-05 10:00 am"]
    texts += ["Fri Jan 05 05:00:00 -0500 2024", "2024-01-05T15:00+05:00", "10:00 Jan 5, 2024"]
    assert set(_seconds(*texts)) == {datetime(2024, 1, 5, 10, tzinfo=timezone.utc).timestamp()}


def test_a_date_that_is_the_same_in_each_order_is_clear():
    assert _seconds("05/05/2024") == [datetime(2024, 5, 5, tzinfo=timezone.utc).timestamp()]


@pytest.mark.parametrize(
    "value",
    [
        "23:00:00",
        "23:00:00.1234",
        "8:26 PM",
        "23:00:00+0200",
        "10:00 Jan 5",
        "now",
        "today",
        "Monday",
        "January",
        "03 04 2024",
        "240131",
        "2024-13-05",
        "31/31/2024",
    ],
)
def test_what_has_no_date_is_refused_whatever_today_is(value):
    with pytest.raises(InputError, match="--time names the column") as error:
        _seconds("2024-01-01", value)
    assert f"1 wrong values in when, the first in row 2: {value!r}" in str(error.value)
