"""Results of jobs come back from their files, also from those of earlier versions."""

import json
from dataclasses import replace

import pytest

from recbole_fn.report.reading import read_summary
from recbole_fn.results.comparison_file import ComparisonFile
from recbole_fn.results.job_result import JobResult
from recbole_fn.utils.errors import InputError
from tests.helpers.report_folder import job, ranks, write_folder


def renamed(values, names):
    """A JSON value with other names of keys, at any depth."""
    if isinstance(values, dict):
        return {names.get(name, name): renamed(value, names) for name, value in values.items()}
    return [renamed(value, names) for value in values] if isinstance(values, list) else values


def as_earlier(text):
    """JSON as the versions wrote it in which a variant was called an arm."""
    names = {"variant": "arm", "baseline": "base", "rate": "share", "random_rate": "random"}
    return json.dumps(renamed(json.loads(text), names))


def test_a_result_comes_back_with_its_ranks(own_folder):
    one = job("flip", 1, extracts=True)
    write_folder(own_folder, [one])
    read = JobResult.read(own_folder / "jobs" / "flip-1.json", load_ranks=True)
    assert (read.history, read.extracted, read.test) == (one.history, one.extracted, one.test)
    held = read.target_ranks
    assert read.ranks == "flip-1.npz" and list(held.users) == sorted(ranks().users)
    assert dict(zip(held.users, held.ranks)) == dict(zip(ranks().users, ranks().ranks))
    assert held.recommended.tolist() == ranks().recommended.tolist()
    assert JobResult.read(own_folder / "jobs" / "flip-1.json").target_ranks is None
    assert "target_ranks" not in json.loads(one.to_json())


def test_a_folder_of_an_earlier_version_is_read(own_folder):
    write_folder(
        own_folder, [job("off", 1), job("flip", 1, extracts=True)], notes=["Arms with a teacher."]
    )
    before = read_summary(own_folder)
    for path in [own_folder / "comparison.json", *own_folder.glob("jobs/*.json")]:
        text = as_earlier(path.read_text())
        assert '"arm"' in text or '"base"' in text
        path.write_text(text)
    after = read_summary(own_folder)
    assert after.notes[0] == "Variants with a teacher."
    assert replace(after, notes=before.notes) == before


def test_a_result_from_before_extraction_was_described_is_read():
    values = json.loads(job("off", 1).to_json())
    del values["extracted"]
    assert JobResult.from_json(json.dumps(values)).extracted is None


@pytest.mark.parametrize("name", ["test", "history", "training_set", "valid_metric"])
def test_any_other_missing_field_is_named(name, own_folder):
    values = json.loads(job("off", 1).to_json())
    del values[name]
    path = own_folder / "off.json"
    path.write_text(json.dumps(values))
    with pytest.raises(InputError, match=f"off.json' is not usable: .*{name}"):
        JobResult.read(path)


@pytest.mark.parametrize("text", ["", "{", "[]", "1"])
def test_a_damaged_file_is_named(text, own_folder):
    (own_folder / "comparison.json").write_text(text)
    with pytest.raises(InputError, match="comparison.json' is not usable"):
        ComparisonFile.read(own_folder)
    with pytest.raises(InputError, match="JSON object"):
        JobResult.from_json(text)


def test_a_field_of_another_form_is_refused_without_words_of_python(own_folder):
    values = json.loads(job("off", 1).to_json())
    path = own_folder / "off.json"
    path.write_text(json.dumps({**values, "history": 3}))
    with pytest.raises(InputError, match="another form; it must be as `compare` writes"):
        JobResult.read(path)


@pytest.mark.parametrize("text", ['{"baseline": "off"}', '{"unknown": 1}'])
def test_the_fields_of_a_comparison_are_named(text, own_folder):
    (own_folder / "comparison.json").write_text(text)
    with pytest.raises(InputError, match="not usable: its fields must be baseline, notes, jobs"):
        ComparisonFile.read(own_folder)
