"""No output takes the place of an earlier one."""

import pytest

from recbole_fn.cli import benchmark, main
from recbole_fn.simulation.truth import read_truth
from recbole_fn.utils.claims import new_file
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import HOST

WORLD = ["simulate", "--users=6", "--items=20", "--length=5", "--out=data"]


def test_a_name_is_free_again_if_nothing_was_written(tmp_path):
    path = tmp_path / "figures.json"
    path.touch()  # as a process leaves it that is killed while it writes
    (tmp_path / ".figures.json.claim").write_text(f"{HOST} 99999999")
    for _ in range(2):
        with pytest.raises(RuntimeError), new_file(path, "--json"):
            with pytest.raises(InputError, match="about to write"), new_file(path, "--json"):
                pass
            raise RuntimeError
    with new_file(path, "--json"):
        path.write_text("{}")
    with pytest.raises(InputError, match="there already"), new_file(path, "--json"):
        pass
    assert path.read_text() == "{}" and [*tmp_path.iterdir()] == [path]


def test_figures_of_an_earlier_benchmark_are_not_overwritten(own_folder, capsys, monkeypatch):
    monkeypatch.setattr(benchmark, "_compare", lambda options: [{"ratio": 20}])
    assert main(["benchmark", "--json=figures.json"]) == 0
    before = (own_folder / "figures.json").read_text()
    monkeypatch.setattr(benchmark, "_compare", lambda options: pytest.fail("it has begun"))
    assert main(["benchmark", "--json=figures.json"]) == 2
    assert main(["benchmark", "--json=none/figures.json"]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert "--json is 'figures.json', which is there already; it must be a new file" in lines[0]
    assert "--json is 'none/figures.json', which cannot be written" in lines[1]
    assert (own_folder / "figures.json").read_text() == before


@pytest.mark.slow
def test_a_data_set_is_not_overwritten_with_another(own_folder, capsys):
    assert main(WORLD) == 0
    path = own_folder / "data" / "simulated" / "simulated.inter"
    before = path.read_bytes()
    assert main(WORLD) == 0  # the same once more
    for options in (["--seed=1"], ["--liked=0.3"]):
        assert main([*WORLD, *options]) == 2
        assert "is there already with other data; it must be" in capsys.readouterr().err
    own = own_folder / "data" / "mine"
    own.mkdir()
    (own / "mine.inter").write_text("user_id:token\titem_id:token\ttimestamp:float\nu\ti\t1\n")
    assert main([*WORLD, "--name=mine"]) == 2
    assert path.read_bytes() == before and len((own / "mine.inter").read_text()) < 60


def test_a_truth_of_other_interactions_is_refused(own_folder):
    assert main(WORLD) == 0
    path = own_folder / "data" / "simulated" / "simulated.inter"
    read_truth(path.parent)
    path.write_text(path.read_text()[:-9])
    with pytest.raises(InputError, match=r"simulated\.inter there has changed since simulate"):
        read_truth(path.parent)


def test_a_measurement_is_not_overwritten(own_folder, capsys):
    assert main(WORLD) == 0
    (own_folder / "precision_recall").mkdir()
    (own_folder / "precision_recall" / "precision_recall.json").write_text("[]")
    assert main(["simulate", "measure", "--data=data/simulated", "--epochs=1"]) == 2
    message = "--out is 'precision_recall', which holds a measurement; it must be another folder"
    assert message in capsys.readouterr().err
