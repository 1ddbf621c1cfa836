"""What a run logs at its start, in five lines, and the file of its configuration."""

from logging import getLogger
from pathlib import Path

from recbole.utils.logger import RemoveColorFilter

from recbole_fn.config.settings import FNSettings
from recbole_fn.data.loaders import dataset_of
from recbole_fn.distributed.group import Group
from recbole_fn.experiment.build import Experiment
from recbole_fn.hooks.run_log import log_file
from recbole_fn.training.epoch_table import EpochTable
from recbole_fn.utils.files import write_whole


def begin_table(run: Experiment, saved: bool) -> None:
    """Logs what a run does in five lines, writes its configuration, and adds its `EpochTable`.

    Args:
        run: The run; its trainer is an `FNTrainer`.
        saved: Whether the run saves checkpoints; the configuration is written beside them.

    Examples:
        >>> begin_table(new_run, saved=True)
        >>> config_file(new_run.trainer.saved_model_file).is_file()
        True
    """
    for line in summary(run, saved):
        getLogger().info(line)
    if saved and Group.of_this_process().rank == 0:
        write_whole(config_file(run.trainer.saved_model_file), plain_text(str(run.config)))
    run.trainer.fn_callbacks.append(EpochTable(run.trainer.fn_parts.treatment.averages))


def summary(run: Experiment, saved: bool) -> list[str]:
    """The five lines: model, data, treatment and loss, sampler, and where things are written.

    Examples:
        >>> for line in summary(run, saved=False)[1:4]:
        ...     print(line)
        Data      tiny: 80 users, 50 items, 615 training rows
        Training  treatment flip, loss bce, 5 epochs at most
        Sampler   uniform, 8 negatives for each row
    """
    settings = FNSettings.from_config(run.config.final_config_dict)
    size = sum(p.numel() for p in run.model.parameters() if p.requires_grad)
    data, prior = run.dataset, "" if settings.prior is None else f", prior {settings.prior}"
    return [
        f"Model     {run.config['model']}, {size:,} parameters, on {run.config['device']}",
        f"Data      {run.config['dataset']}: {data.user_num - 1:,} users, {data.item_num - 1:,} "
        f"items, {len(dataset_of(run.train_data)):,} training rows",
        f"Training  treatment {settings.strategy}, loss {settings.loss}{prior}, "
        f"{run.trainer.epochs} epochs at most",
        f"Sampler   {settings.sampler_name}, {settings.neg_num} negatives for each row",
        f"Output    {', '.join(_places(run, saved))}",
    ]


def without_parts(run: Experiment) -> list[str]:
    """A line on each of validation and test that has no row, such as the test of `valid_only`.

    Examples:
        >>> from types import SimpleNamespace
        >>> config = {"eval_args": {"split": {"LS": "valid_only"}}, "benchmark_filename": None}
        >>> without_parts(SimpleNamespace(config=config, valid_data=[1], test_data=[]))
        ["eval_args.split is {'LS': 'valid_only'}, which leaves no row to the test: ..."]
    """
    key = "benchmark_filename" if run.config["benchmark_filename"] else "eval_args.split"
    value = run.config["benchmark_filename"] or run.config["eval_args"].get("split")
    parts = (
        (
            "validation",
            run.valid_data,
            "the last epoch is tested, and nothing stops training early",
        ),
        ("the test", run.test_data, "there are no test results"),
    )
    return [
        f"{key} is {value}, which leaves no row to {part}: {effect}."
        for part, loader, effect in parts
        if not len(loader)
    ]


def _places(run: Experiment, saved: bool) -> list[str]:
    written = [str(run.trainer.saved_model_file)] if saved else []
    log = log_file()
    if log is not None:
        path = Path(log)
        written.append(str(path.relative_to(Path.cwd()) if Path.cwd() in path.parents else path))
    return written or ["nothing is written"]


def config_file(checkpoint: str | Path) -> Path:
    """The file with the configuration of the run that writes a checkpoint.

    Examples:
        >>> config_file("saved/X.pth").name
        'X-config.txt'
    """
    path = Path(checkpoint)
    return path.with_name(f"{path.stem}-config.txt")


def plain_text(text: str) -> str:
    r"""A text of RecBole without its colours.

    Examples:
        >>> plain_text("\x1b[1;35mepochs\x1b[0m = 3")
        'epochs = 3'
    """
    record = getLogger().makeRecord("", 0, "", 0, text, (), None)
    RemoveColorFilter().filter(record)
    return str(record.msg)
