"""The version is one everywhere, and the issue templates are what GitHub reads."""

import re

import yaml

import recbole_fn


def test_the_version_is_the_same_everywhere(root):
    citation = yaml.safe_load((root / "CITATION.cff").read_text())
    in_setup = re.search(r'^    version="(.+)",$', (root / "setup.py").read_text(), re.M).group(1)
    assert citation["version"] == in_setup == recbole_fn.__version__
    assert citation["license"] == re.match("MIT", (root / "LICENSE").read_text()).group()


def test_issue_templates_have_a_name_and_a_purpose(root):
    for path in (root / ".github" / "ISSUE_TEMPLATE").glob("*.md"):
        _, head, body = path.read_text().split("---\n", 2)
        assert {"name", "about"} <= yaml.safe_load(head).keys()
        assert body.strip()
