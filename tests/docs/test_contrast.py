"""Colours of our own pages: text at least 4.5 to 1 (WCAG 1.4.3), the focus 3 to 1 (1.4.11)."""

import re

import pytest

from tests.helpers.runs import ROOT

PAGES = ["serving/templates/base.html", "report/templates/page.html"]
BATCH = (ROOT / "docs" / "batch.svg").read_text()
TEXTS = {"name": "page box chip target kept out", "text": "page box chip", "soft": "page box"}


def luminance(colour):
    digits = colour.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    parts = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def rules(path):
    """The body of each CSS rule with a colour, by its selector."""
    text = re.sub(r"/\*.*?\*/", "", (ROOT / "recbole_fn" / path).read_text(), flags=re.S)
    return re.findall(r"([^{}\n]+) \{([^{}]*#[0-9a-f]+[^{}]*)\}", text)


def colour(name, body):
    found = re.search(rf"(?<![-\w]){name}: [^;]*?(#[0-9a-f]+)", body)
    return found and found[1]


@pytest.mark.parametrize("path", PAGES)
def test_text_and_focus_can_be_told_from_what_is_behind(path):
    own = rules(path)
    body = dict(own)["body"]
    assert colour("color", body) and colour("background", body)
    for selector, rule in own:
        behind = colour("background", rule) or colour("background", body)
        assert contrast(colour("color", rule) or colour("color", body), behind) >= 4.5, selector
        outline = colour("outline", rule)
        assert outline is None or contrast(outline, behind) >= 3, selector


@pytest.mark.parametrize("part", [0, 1], ids=["light", "dark"])
def test_text_of_the_picture_can_be_told_from_its_boxes(part):
    fills = {}
    for names, fill in re.findall(r"([.\w, ]+) \{ fill: (#\w+)", BATCH.split("@media")[part]):
        fills |= dict.fromkeys(re.findall(r"\.(\w+)", names), fill)
    for text, boxes in TEXTS.items():
        for box in boxes.split():
            assert contrast(fills[text], fills[box]) >= 4.5, (text, box)
    assert contrast(fills["backtext"], fills["page"]) >= 4.5


@pytest.mark.parametrize("path", PAGES)
def test_what_takes_a_click_is_reached_by_the_keyboard(path):
    """Only links, buttons and fields listen; what scrolls is a stop, and no outline is removed."""
    for file in (ROOT / "recbole_fn" / path).parent.glob("*.html"):
        text = file.read_text()
        assert not re.search(r"outline: *(none|0)", text)
        assert not re.search(r"<(?!a\b|button|input|form)\w+[^>]* onclick", text)
        for tag in re.findall(r"<(?:pre|div class=\"scroll\")[^>]*>", text):
            assert 'tabindex="0"' in tag, (file, tag)
