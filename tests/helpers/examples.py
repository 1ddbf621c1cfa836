"""What the examples in docstrings take for granted; CONTRIBUTING.md has the table of the names."""

import ast
import shutil
from logging import WARNING, Handler, getLogger

import torch

import recbole_fn
from recbole_fn.comparison.plan import plan
from recbole_fn.comparison.variants import choose_variants
from recbole_fn.data.batching import RowBatch
from recbole_fn.experiment.build import read_config
from recbole_fn.recommendation.loading import Loaded
from tests.helpers import report_folder
from tests.helpers.groups import digest
from tests.helpers.runs import ON, ROOT, SMALL, pieces
from tests.helpers.saved_runs import saved_run

RATED = {
    "fn_feedback_field": "rating",
    "fn_feedback_negative": "<= 2",
    "fn_feedback_neutral": "== 3",
    "fn_feedback_targets": "negative",
}
IN_PARTS = {"benchmark_filename": ["train", "valid", "test"]}
_OWN = {"data_path": "dataset", "checkpoint_dir": "saved", "epochs": 2}

# Examples that train for a while, or start processes or Ray.
SLOW = (
    "recbole_fn.benchmark.growth.grow",
    "recbole_fn.benchmark.memory_size.compare_memory",
    "recbole_fn.benchmark.quality_side.train",
    "recbole_fn.benchmark.ranking.compare_ranking",
    "recbole_fn.benchmark.sampler_costs.measure_samplers",
    "recbole_fn.benchmark.scale.measure_apart",
    "recbole_fn.benchmark.scale.scale",
    "recbole_fn.benchmark.to_quality.race_to_quality",
    "recbole_fn.benchmark.to_quality.train_apart",
    "recbole_fn.benchmark.versus_recbole.compare_data",
    "recbole_fn.benchmark.versus_recbole.compare_epochs",
    "recbole_fn.cli.benchmark.run",
    "recbole_fn.cli.compare.run",
    "recbole_fn.cli.models.run",
    "recbole_fn.cli.models.served",
    "recbole_fn.cli.recommend_benchmark.measure",
    "recbole_fn.cli.report.run",
    "recbole_fn.cli.serve.run",
    "recbole_fn.cli.train.run",
    "recbole_fn.cli.tune.run",
    "recbole_fn.comparison.compare.compare",
    "recbole_fn.comparison.job.run",
    "recbole_fn.comparison.job_process.main",
    "recbole_fn.comparison.job_process.serve",
    "recbole_fn.comparison.nursery.Nursery",
    "recbole_fn.comparison.parallel.run_with_ray",
    "recbole_fn.comparison.parent_watchdog.end_with_parent",
    "recbole_fn.comparison.running.run_all",
    "recbole_fn.comparison.running.run_job",
    "recbole_fn.distributed.launch.launch",
    "recbole_fn.environment.compat.report",
    "recbole_fn.environment.ray_session.ray_session",
    "recbole_fn.experiment.processes.run",
    "recbole_fn.experiment.worker.run_experiment",
    "recbole_fn.recommendation.onnx_graph.export_onnx",
    "recbole_fn.recommendation.sharing.frames_in_ray",
    "recbole_fn.simulation.measurement.measure",
    "recbole_fn.tune.objective.objective_function",
    "recbole_fn.tune.running.run_trials",
    "recbole_fn.tune.tuning.resume",
    "recbole_fn.tune.tuning.tune",
)


class _Lines(Handler):
    """The messages that are logged."""

    def __init__(self, level):
        super().__init__(level)
        self.messages = []

    def emit(self, record):
        self.messages.append(record.getMessage())


class Given:
    """Makes what an example names: what is slow once, and what an example may change anew.

    Args:
        place: A folder for what is made once.
    """

    SHARED = ("run", "model_file", "loaded", "context", "rows")
    OWN = (
        "folder",
        "config",
        "new_run",
        "feedback_run",
        "parts_config",
        "lists_config",
        "jobs",
        "results",
        "comparison",
        "log",
    )

    def __init__(self, place):
        self.place, self.made, self.print = place, {}, None
        self.lines = _Lines(WARNING)

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

    def end(self):
        """Ends what listens to an example."""
        getLogger().removeHandler(self.lines)
        self.lines = _Lines(WARNING)

    def _shared(self, name):
        if not self.made:
            run, file = saved_run(self.place, epochs=5)
            self.made = {"run": run, "model_file": file, "loaded": Loaded.from_file(file)}
            self.made |= {"context": run.trainer.fn_step.sampler.context, "rows": _rows(run)}
            self.print = _print(run)
        return self.made[name]

    def _folder(self, folder):
        return folder

    def _config(self, folder):
        return read_config("SASRec", "tiny", None, {**SMALL, **ON, **_OWN})

    def _new_run(self, folder):
        return pieces(**_OWN)

    def _feedback_run(self, folder):
        _write_rated(folder / "dataset")
        return pieces(dataset="rated", **RATED, **_OWN)

    def _parts_config(self, folder):
        _write_parts(folder / "dataset")
        return read_config("SASRec", "parts", None, {**SMALL, **ON, **_OWN, **IN_PARTS})

    def _lists_config(self, folder):
        _write_lists(folder / "dataset")
        keys = {**SMALL, **ON, **_OWN, **IN_PARTS, "alias_of_item_id": ["item_id_list"]}
        return read_config("SASRec", "lists", None, keys)

    def _log(self, folder):
        self.end()
        getLogger().addHandler(self.lines)
        return self.lines.messages

    def _jobs(self, folder):
        keys = {**SMALL, **_OWN}
        return plan(["SASRec"], ["tiny"], "fn.yaml", keys, choose_variants("off,flip"), [1])

    def _results(self, folder):
        better = report_folder.ranks(shift=-1)  # a place, of most rows
        flip = [report_folder.job("flip", seed, True, target_ranks=better) for seed in (1, 2)]
        return [*(report_folder.job("off", seed) for seed in (1, 2)), *flip]

    def _comparison(self, folder):
        report_folder.write_folder(folder / "comparison", self._results(folder))
        return folder / "comparison"


def names_of(test):
    """The names that the examples of a docstring read and do not make."""
    trees = [ast.parse(example.source) for example in test.examples]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)]
    made = {node.id for node in nodes if isinstance(node.ctx, ast.Store)}
    return {node.id for node in nodes} - made


def own_folder(folder):
    """An example's own folder, with the data set where RecBole looks for it."""
    shutil.copytree(ROOT / "dataset" / "tiny", folder / "dataset" / "tiny")
    return folder


def _write_rated(place):
    """The data set `rated`: `tiny`, with ratings from 1 to 5 in turn."""
    header, *lines = (place / "tiny" / "tiny.inter").read_text().splitlines()
    rated = [f"{line}\t{1 + number % 5}" for number, line in enumerate(lines)]
    (place / "rated").mkdir()
    text = "\n".join([f"{header}\trating:float", *rated, ""])
    (place / "rated" / "rated.inter").write_text(text)


def _write_parts(place):
    """The data set `parts`: `tiny` in three files, of which each user's last two rows are two."""
    header, *lines = (place / "tiny" / "tiny.inter").read_text().splitlines()
    last = {line.split("\t")[0]: number for number, line in enumerate(lines)}
    parts = {"train": [], "valid": [], "test": []}
    for number, line in enumerate(lines):
        left = last[line.split("\t")[0]] - number
        parts["train" if left > 1 else ("test", "valid")[left]].append(line)
    (place / "parts").mkdir()
    for part, rows in parts.items():
        text = "\n".join([header, *rows, ""])
        (place / "parts" / f"parts.{part}.inter").write_text(text)


def _write_lists(place):
    """The data set `lists`: rows with their histories, in three files."""
    (place / "lists").mkdir()
    head = "user_id:token\titem_id_list:token_seq\titem_id:token\n"
    rows = "".join(f"u{user}\ti1 i2 i3\ti{4 + user % 4}\n" for user in range(8))
    for part in ("train", "valid", "test"):
        (place / "lists" / f"lists.{part}.inter").write_text(head + rows)


def _rows(run):
    """The first eight training rows of a run."""
    dataset, rows = run.train_data.dataset, torch.arange(8)
    read = dataset[rows]
    return RowBatch(read, rows, read[dataset.uid_field], read[dataset.iid_field])


def _print(run):
    """What an example must leave alone, to the last bit."""
    step, config = run.trainer.fn_step, run.config.final_config_dict
    parts = run.model.state_dict(), step.memory.state_dict(), step.teacher.state_dict()["weights"]
    state = vars(run.trainer.fn_state), step.steps, len(run.dataset), run.model.training
    return [digest(part) for part in parts], str(config), str(state)
