"""The README is short, its links lead somewhere, and its numbers stand in the documentation too."""

import re

import pytest

from recbole_fn.config.settings import CONSTRAINTS
from recbole_fn.tune.settings import CONSTRAINTS as TUNE_CONSTRAINTS
from tests.helpers.runs import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
OTHER = {"fn_step", "fn_state"}  # attributes of a trainer


def test_the_readme_can_be_read_in_five_minutes(root):
    assert len((root / "README.md").read_text().splitlines()) <= 130


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_files_lead_to_files(page):
    links = re.findall(r'\]\(([^)#\s]+)|src="([^"]+)"', page.read_text())
    local = [one or other for one, other in links if not (one or other).startswith("http")]
    assert [link for link in local if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_keys_are_keys(page):
    text = re.sub(r"^```{generated} .*", "", page.read_text(), flags=re.M)
    named = set(re.findall(r"(?<![\w/.-])((?:fn|tune)_[a-z_]+\w)\b(?!\.)", text))
    known = CONSTRAINTS.keys() | TUNE_CONSTRAINTS.keys() | OTHER
    assert named - known == set()


def test_the_map_names_the_pages(root):
    readme = (root / "README.md").read_text()
    left_out = {"index", "api", "changelog", "contributing"}  # parts of the site alone
    pages = {path.stem for path in (root / "docs").glob("*.md")} - left_out
    assert {name for name in pages if f"(docs/{name}.md" not in readme} == set()


def test_the_numbers_are_those_of_the_documentation(root):
    readme, results = ((root / name).read_text() for name in ("README.md", "docs/results.md"))
    table = readme.split("## Results\n")[1].split("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")]
    assert len(rows) == 5 and all(row in results.splitlines() for row in rows)


def test_the_commands_are_those_that_continuous_integration_reads(root):
    script = (root / ".ci" / "run").read_text()
    assert "grep -m 1 -F '[test]' README.md" in script
    command = next(x for x in (root / "README.md").read_text().splitlines() if "[test]" in x)
    assert command.startswith("python3.11 -m venv .venv && ") and "-m pytest" in command
    newer = (root / "docs" / "installation.md").read_text()
    (lines,) = re.findall(r"```bash\n(python3.11 -m venv .venv-new\n(?:.+\n){2})```", newer)
    assert "newer.txt" in lines and "recbole==1.2.1" in lines
