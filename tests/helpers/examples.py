"""What the examples in docstrings take for granted; CONTRIBUTING.md has the table of the names."""

import ast
import shutil

import recbole_fn
from recbole_fn.experiment.build import read_config
from recbole_fn.recommendation.loading import Loaded
from tests.helpers import report_folder
from tests.helpers.groups import digest
from tests.helpers.runs import ON, ROOT, SMALL, pieces
from tests.helpers.saved_runs import saved_run

_OWN = {"data_path": "dataset", "checkpoint_dir": "saved", "epochs": 2}


class Given:
    """Makes what an example names: what is slow once, and what an example may change anew.

    Args:
        place: A folder for what is made once.
    """

    SHARED = ("run", "model_file", "loaded")
    OWN = ("folder", "config", "new_run", "results", "comparison")

    def __init__(self, place):
        self.place, self.made, self.print = place, {}, None

    def values(self, names, folder):
        """Those of the names that are ours, by name; `folder` is the example's own."""
        names = names & {*self.SHARED, *self.OWN}
        if names:
            recbole_fn.register()
        shared = {name: self._shared(name) for name in names & {*self.SHARED}}
        return {**shared, **{n: getattr(self, f"_{n}")(folder) for n in names & {*self.OWN}}}

    def unchanged(self):
        """Whether the shared run is as it was made."""
        return not self.made or _print(self.made["run"]) == self.print

    def _shared(self, name):
        if not self.made:
            run, file = saved_run(self.place, epochs=5)
            self.made = {"run": run, "model_file": file, "loaded": Loaded.from_file(file)}
            self.print = _print(run)
        return self.made[name]

    def _folder(self, folder):
        return folder

    def _config(self, folder):
        return read_config("SASRec", "tiny", None, {**SMALL, **ON, **_OWN})

    def _new_run(self, folder):
        return pieces(**_OWN)

    def _results(self, folder):
        better = report_folder.ranks(shift=-1)  # a place, of most rows
        flip = [report_folder.job("flip", seed, True, target_ranks=better) for seed in (1, 2)]
        return [*(report_folder.job("off", seed) for seed in (1, 2)), *flip]

    def _comparison(self, folder):
        report_folder.write_folder(folder / "comparison", self._results(folder))
        return folder / "comparison"


def names_of(test):
    """The names that the examples of a docstring read."""
    trees = [ast.parse(example.source) for example in test.examples]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def own_folder(folder):
    """An example's own folder, with the data set where RecBole looks for it."""
    shutil.copytree(ROOT / "dataset" / "tiny", folder / "dataset" / "tiny")
    return folder


def _print(run):
    """What an example must leave alone, to the last bit."""
    step, config = run.trainer.fn_step, run.config.final_config_dict
    parts = run.model.state_dict(), step.memory.state_dict(), step.teacher.state_dict()["weights"]
    state = vars(run.trainer.fn_state), step.steps, len(run.dataset), run.model.training
    return [digest(part) for part in parts], str(config), str(state)
