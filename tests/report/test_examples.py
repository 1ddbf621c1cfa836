"""The table of a few users."""

from types import SimpleNamespace

import pytest

from recbole_fn.report.examples import example_table
from recbole_fn.results.extraction_result import ExtractionExample


@pytest.mark.parametrize("part", ["valid", "test"])
def test_an_item_is_marked_however_much_later_the_user_took_it(part):
    parts = {"valid": ["a"], "test": ["b"], part: [f"t{n}" for n in range(13)]}
    user = ExtractionExample("u", ["h"], ["t12", "never", "t2"], **parts)
    html = str(
        example_table({"flip": [SimpleNamespace(extracted=SimpleNamespace(examples=[user]))]})
    )
    assert "<mark>t12</mark>, never, <mark>t2</mark>" in html
    assert "t8, t9, and 3 more" in html and "t10" not in html


def test_ten_targets_are_shown_whole():
    user = ExtractionExample("u", ["h"], ["x"], [], [f"t{n}" for n in range(10)])
    html = str(
        example_table({"flip": [SimpleNamespace(extracted=SimpleNamespace(examples=[user]))]})
    )
    assert "t8, t9<" in html.replace("\n", "") and "more" not in html
