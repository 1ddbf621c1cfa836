"""Reads a data set as a run would, and says what it has found."""

from collections.abc import Iterable, Mapping, Sequence

from recbole_fn.checking.cost import measure
from recbole_fn.checking.finding import Finding, Look
from recbole_fn.checking.of_features import OF_FEATURES
from recbole_fn.checking.of_files import OF_FILES
from recbole_fn.checking.of_keys import OF_KEYS
from recbole_fn.checking.of_run import OF_RUN
from recbole_fn.checking.preparing import nothing_written, prepare
from recbole_fn.checking.report import Report
from recbole_fn.checking.subject import Prepared, Subject, read_subject
from recbole_fn.experiment.build import read_config
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Config


def check(
    model: str | type | None = None,
    dataset: str | None = None,
    config_file_list: Sequence[str] | None = None,
    config_dict: Mapping[str, object] | None = None,
    steps: int = 4,
) -> Report:
    """Reads a data set and a configuration as a run does, and says what it has found.

    Nothing is written. A few training steps are measured with a model that is thrown away.

    Args:
        model: Name of the model, a class of your own, or its path `package.module:Class`.
        dataset: Name of the data set.
        config_file_list: Property files; later ones win.
        config_dict: Keys that win over the files; the command line wins over both.
        steps: Training steps that are measured, for the expected time and memory; 0: none.

    Returns:
        The findings. `text` is a table, `frame()` one of pandas, `exit_code` is 0, or 1 where a
        run would give other results than the files say, or 2 where it would stop.

    Raises:
        InputError: for a mistake in keys or property files, and where the files cannot be read.

    Example:
        >>> report = check("SASRec", "tiny", ["fn.yaml"])
        >>> type(report).__name__, "tiny" in report.text
        ('Report', True)
    """
    if steps < 0:
        raise InputError(f"steps is {steps}; it must be at least 0")
    config = read_config(model, dataset, config_file_list, config_dict)
    with nothing_written(config) as folder:
        run, obstacle = _prepared(config)
        subject = _read(config, run, obstacle)
        findings = list(_findings(subject, (*OF_FILES, *OF_FEATURES, *OF_KEYS)))
        if run is not None:
            findings += _findings(subject, OF_RUN)
            costs, obstacle = _costs(config, run, steps, folder)
            findings += costs
    return Report(str(config["model"]), str(config["dataset"]), tuple(findings), obstacle)


def _prepared(config: Config) -> tuple[Prepared | None, str | None]:
    """What a run makes of the files, or why it stops."""
    try:
        return prepare(config), None
    except InputError as error:
        return None, str(error)


def _read(config: Config, run: Prepared | None, obstacle: str | None) -> Subject:
    """The files; where they cannot be read, the reason is that for which a run stops."""
    try:
        subject = read_subject(config, run)
        missing = {*subject.columns[:2]} - {*subject.interactions.columns}
    except (OSError, ValueError) as error:
        # A net: what stops a run is told in its words; pandas and the system know the rest.
        raise InputError(obstacle or str(error)) from error
    if missing:
        raise InputError(obstacle or f"there is no column {missing.pop()!r}")
    return subject


def _findings(subject: Subject, looks: Iterable[Look]) -> Iterable[Finding]:
    found = (look(subject) for look in looks)
    return [finding for finding in found if finding is not None]


def _costs(
    config: Config, run: Prepared, steps: int, folder: str
) -> tuple[tuple[Finding, ...], str | None]:
    """The expected time and memory, or why a run stops once the data are read."""
    if not steps:
        return (), None
    try:
        return measure(config, run.data, steps, folder).findings(), None
    except InputError as error:
        return (), str(error)
