"""`models`: how each sequential model of RecBole is served.

Nothing in the table is written down: each model is built on a small made-up data set and tried.
"""

import sys
import tempfile
from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from tqdm import tqdm

from recbole_fn.cli.model_requirements import MODELS, NAME, SMALL, write_data
from recbole_fn.cli.parser import Parser
from recbole_fn.environment.packages import EXTRAS, problems
from recbole_fn.experiment.build import build_experiment, read_config
from recbole_fn.losses import LOSSES
from recbole_fn.recommendation.loading import Loaded
from recbole_fn.recommendation.onnx_graph import export_onnx
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.folders import standing_in

EXAMPLES = ("", "> models.md", "| grep SASRec")
_LOSSES = ", ".join(loss.name for loss in LOSSES)


class Served(NamedTuple):
    """A row of the table.

    Attributes:
        model: Its name.
        scoring: How candidates are scored.
        batching: How rows are encoded, and whether histories are cut to a batch's longest.
        losses: What `fn_loss` can be.
        onnx: Whether torch can export it as an ONNX graph.
        needs: What it asks for beside the interactions.

    Examples:
        >>> row = Served("SASRec", "dot product", "window", "bce", "yes", needs="")
        >>> row.scoring
        'dot product'
    """

    model: str
    scoring: str
    batching: str
    losses: str
    onnx: str
    needs: str


def served(folder: Path, model: str) -> Served:
    """Tries a model.

    Args:
        folder: A folder with the made-up data set.
        model: Its name.

    Examples:
        >>> write_data(folder)
        >>> served(folder, "SASRec").scoring
        'dot product'
    """
    keys = {**SMALL, **MODELS[model].keys, "data_path": str(folder), "checkpoint_dir": str(folder)}
    keys["fn_enabled"] = True
    if model == "S3Rec":
        keys.update(train_stage="finetune", pre_model_path=_pretrained(keys))
    step = _step(model, keys)
    cut = ", cut" if step.batching.trims else ""
    losses = _LOSSES
    try:
        _step(model, {**keys, "fn_loss": "model", "fn_strategy": "drop"})
    except InputError:
        losses += " (not with drop)"
    name = step.batching.name + cut
    onnx = _exported(model, keys)
    return Served(model, step.scorer.name, name, losses, onnx, MODELS[model].words)


def _exported(model: str, keys: dict[str, Any]) -> str:
    if problems(EXTRAS["onnx"]):
        return "unknown"
    run = build_experiment(read_config(model, NAME, keys=keys))
    try:
        export_onnx(Loaded.of_model(run.config, run.model), Path("model.onnx"))
    except InputError:
        return "no"
    return "yes"


def _step(model: str, keys: dict[str, Any]) -> Any:
    run = build_experiment(read_config(model, NAME, keys=keys))
    run.trainer.fn_prepare(run.train_data)
    return run.trainer.fn_step


def _pretrained(keys: dict[str, Any]) -> str:
    """Pretrains S3Rec for an epoch; the file of its weights."""
    stage = {"train_stage": "pretrain", "pretrain_epochs": 1, "save_step": 1}
    run = build_experiment(read_config("S3Rec", NAME, keys={**keys, **stage}))
    run.trainer.fit(run.train_data, verbose=False)
    path: str = run.trainer.saved_model_file
    return path


def markdown(rows: list[Served]) -> str:
    """The table in Markdown.

    Examples:
        >>> print(markdown([Served("SASRec", "dot product", "window", "bce", "yes", "")]))
        | model | scoring | batching | `fn_loss` | ONNX | needs |
        |---|---|---|---|---|---|
        | SASRec | dot product | window | bce | yes | |
    """
    lines = [
        "| model | scoring | batching | `fn_loss` | ONNX | needs |",
        "|---|---|---|---|---|---|",
    ]
    lines += [f"| {' | '.join(row)} |".replace("|  |", "| |") for row in rows]
    return "\n".join(lines)


def parser() -> Parser:
    """The options: none.

    Examples:
        >>> parser().parse_args([])
        Namespace()
    """
    return Parser("models", "Shows how each sequential model of RecBole is served.", EXAMPLES)


def run(arguments: Sequence[str]) -> int:
    """Tries all models and prints the table.

    Args:
        arguments: The arguments after the subcommand; there must be none.

    Returns:
        The exit code, 0.

    Raises:
        InputError: for an argument.

    Examples:
        Builds every model, in about a minute:

        >>> run([])
        | model | scoring | batching | `fn_loss` | ONNX | needs |
        ...
        0
    """
    parser().parse_args(arguments)
    sys.argv = sys.argv[:1]  # RecBole reads it too
    with (
        tempfile.TemporaryDirectory() as name,
        standing_in(Path(name)),
        redirect_stdout(StringIO()),
    ):
        write_data(Path(name))
        rows = [
            served(Path(name), model)
            for model in tqdm(MODELS, desc="models", disable=None, dynamic_ncols=True)
        ]
    print(markdown(rows))
    return 0
