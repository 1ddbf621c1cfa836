"""The tutorial runs as it is printed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest


def blocks(page):
    """The code blocks of a page: language and text."""
    return re.findall(r"^```(python|yaml|bash)\n(.*?)^```", page.read_text(), re.S | re.M)


@pytest.mark.slow
def test_the_tutorial_goes_from_a_csv_to_recommendations(root, own_folder):
    binaries = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": binaries, "PYTHONPATH": str(root)}
    printed = []
    for language, text in blocks(root / "docs" / "getting-started.md"):
        if language == "bash":
            command = ["bash", "-e", "-c", text]
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            printed.append(done.stdout + done.stderr)
        else:
            (own_folder / text.splitlines()[0].removeprefix("# ")).write_text(text)
    converted, trained, compared, recommended = printed[1:]
    assert "dataset/shop/shop.inter: 640 rows" in converted
    assert "Checkpoint: saved/SASRec-" in trained
    assert all(name in compared for name in ("uniform", "followers", "followers+prior"))
    assert (own_folder / "compared" / "report.html").exists()
    assert recommended.count(",product") == 5
    rows = [line.split(",") for line in (own_folder / "recs.csv").read_text().splitlines()[1:]]
    bought = [line.split(",")[:2] for line in (own_folder / "purchases.csv").read_text().split()]
    assert len(rows) == 80 * 5 and {row[1] for row in rows} == set("12345")
    assert all([customer, product] not in bought for customer, _, product, _ in rows)
