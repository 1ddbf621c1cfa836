"""What a check has found, as text, as a table, and as an exit code."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from textwrap import wrap

from pandas import DataFrame

from recbole_fn.checking.finding import Finding
from recbole_fn.results.text_table import WIDTH

_NAME = 23  # columns for the names of findings


@dataclass(frozen=True)
class Report:
    """The findings of a check.

    Attributes:
        model: Name of the model.
        dataset: Name of the data set.
        findings: What was found.
        obstacle: Why a run would stop, in one line; None where it would not.

    Example:
        >>> report = Report("SASRec", "tiny", (Finding("rows", "9 of training"),), None)
        >>> report.exit_code, report.frame()["found"].tolist()
        (0, ['9 of training'])
        >>> print(report.text.splitlines()[-1])
        A run gives the results that the files say.
    """

    model: str
    dataset: str
    findings: tuple[Finding, ...]
    obstacle: str | None

    @property
    def altering(self) -> list[str]:
        """The names of the findings through which results are others than the files say."""
        return [finding.name for finding in self.findings if finding.alters]

    @property
    def exit_code(self) -> int:
        """2 where a run would stop, 1 where it gives other results than the files say, else 0."""
        return 2 if self.obstacle is not None else int(bool(self.altering))

    @property
    def text(self) -> str:
        """The findings as lines of at most 100 columns, and the conclusion."""
        title = f"{self.model} on {self.dataset}"
        lines = [line for finding in self.findings for line in _lines(finding)]
        return "\n".join([title, "", *lines, "", *wrap(self._conclusion(), WIDTH)])

    def frame(self) -> DataFrame:
        """The findings as a table, one a row: name, found, alters, examples."""
        return DataFrame([asdict(finding) for finding in self.findings])

    def _conclusion(self) -> str:
        if self.obstacle is not None:
            return "A run stops before it trains."
        if self.altering:
            return f"! A run gives other results than the files say: {', '.join(self.altering)}."
        return "A run gives the results that the files say."


def _lines(finding: Finding) -> Iterator[str]:
    """The name to the left, what was found and the examples to the right."""
    names = wrap(finding.name, _NAME)
    words = [part for text in (finding.found, *finding.examples) for part in _wrapped(text)]
    for number in range(max(len(names), len(words))):
        mark = "!" if finding.alters and number == 0 else " "
        name = names[number] if number < len(names) else ""
        word = words[number] if number < len(words) else ""
        yield f"{mark} {name:{_NAME}}  {word}".rstrip()


def _wrapped(text: str) -> list[str]:
    return wrap(text, WIDTH - _NAME - 4, subsequent_indent="  ")
