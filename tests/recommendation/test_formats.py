"""Files of lists hold scores exactly."""

import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recbole_fn.recommendation.formats import COLUMNS, format_of

SCORES = np.array([3.21e-11, -1.4e-45, 0.1, 1 / 3, 12345678, 3.4e38, 0], np.float32)


def _written(suffix, frame):
    file = BytesIO()
    format_of(Path(f"lists{suffix}")).write(frame, file)
    return file.getvalue().decode()


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl"])
def test_scores_are_written_exactly(suffix):
    values = ("u/\u00e9", np.arange(len(SCORES)), 'i"7', SCORES)
    frame = pd.DataFrame(dict(zip(COLUMNS, values, strict=True)))
    lines = _written(suffix, frame).splitlines()
    if suffix == ".jsonl":
        assert [json.loads(line) for line in lines] == [
            dict(zip(COLUMNS, ("u/\u00e9", n, 'i"7', float(score)), strict=True))
            for n, score in enumerate(SCORES)
        ]
        return
    separator = "," if suffix == ".csv" else "\t"
    read = [np.float32(line.split(separator)[-1]) for line in lines]
    assert read == SCORES.tolist()


def test_no_rows_are_no_lines():
    assert _written(".jsonl", pd.DataFrame(columns=list(COLUMNS))) == ""
