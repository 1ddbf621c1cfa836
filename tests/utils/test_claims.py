"""No output takes the place of an earlier one."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from recbole_fn.cli import benchmark, main
from recbole_fn.recommendation import vectors
from recbole_fn.simulation.truth import read_truth
from recbole_fn.utils.claims import claimed, new_file, taken
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import HOST, alone

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


def test_a_name_that_another_run_writes_during_the_claim_is_left_to_it(tmp_path, monkeypatch):
    opened = Path.open

    def written_after_the_look(path, *arguments, **options):
        (tmp_path / "a.pth").touch()
        return opened(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", written_after_the_look)
    assert claimed(tmp_path / "a.pth") == tmp_path / "a-2.pth"
    assert not (tmp_path / ".a.pth.claim").exists()


@pytest.mark.parametrize(
    ("command", "option", "name"),
    [
        (["explain", "--user=u1"], "out", "page.html"),
        (["export"], "onnx", "model.onnx"),
        (["export"], "faiss", "items.faiss"),
    ],
)
def test_a_file_that_another_command_writes_is_not_written(
    command, option, name, own_folder, monkeypatch, capsys
):
    for module in ("explanation.explain", "faiss_index.export_faiss", "loading.Loaded.from_file"):
        monkeypatch.setattr(f"recbole_fn.recommendation.{module}", lambda *_: pytest.fail("begun"))
    asked = SimpleNamespace(queries=SimpleNamespace(lengths=torch.ones(1)))
    plan = SimpleNamespace(loaded=None, asked=asked)
    monkeypatch.setattr("recbole_fn.recommendation.recommend.make_plan", lambda *_: plan)
    (own_folder / name).write_text("before")
    with taken(own_folder / name, option):
        assert main([*command, "--checkpoint=a.pth", f"--{option}={name}"]) == 2
    words = f"{option} is {name!r}, which another process is about to write; it must be another"
    assert words in capsys.readouterr().err
    assert (own_folder / name).read_text() == "before"


def test_vectors_of_two_models_are_not_mixed_in_one_folder(tmp_path, monkeypatch):
    catalogue = SimpleNamespace(table=torch.zeros(3, 2))
    monkeypatch.setattr(vectors, "dot_catalogue", lambda *_: catalogue)
    with alone(tmp_path, "x"), pytest.raises(InputError, match="which another process writes"):
        vectors.export_vectors(None, None, tmp_path)
    assert not list(tmp_path.glob("*.npy"))


def test_two_conversions_do_not_write_one_data_set(own_folder, capsys):
    (own_folder / "sales.csv").write_text("user,item,time\nu,i,1\n")
    with alone(own_folder / "dataset" / "sales", "x"):
        assert main(["convert", "sales.csv", "--overwrite"]) == 2
    assert "name is 'sales', which another process writes; it must be" in capsys.readouterr().err
    assert not list(own_folder.rglob("*.inter"))
