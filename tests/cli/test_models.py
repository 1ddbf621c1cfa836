"""The documentation's table of models is what trying them gives."""

import re
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_the_documentation_has_the_table_of_models(root):
    command = [sys.executable, "-W", "ignore", "-m", "recbole_fn", "models"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    page = (root / "docs" / "models.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"<!-- models -->\n(.*?)\n<!-- /models -->", page, re.S)
    assert done.stdout.strip() == table.strip()
