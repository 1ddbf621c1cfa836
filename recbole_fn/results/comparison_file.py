"""The file `comparison.json` of an output folder: which jobs make up the comparison."""

import re
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from recbole_fn.results.job_result import read_object
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import as_json, write_whole

_NAME = "comparison.json"


@dataclass(frozen=True)
class ComparisonFile:
    """The jobs of a comparison, finished or not.

    Attributes:
        baseline: The variant that the others are compared with.
        notes: Sentences on the choice of jobs, such as variants that are left out.
        jobs: Names of all jobs.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     ComparisonFile("off", [], ["tiny-SASRec-off-1"]).write(Path(folder))
        ...     ComparisonFile.read(Path(folder))
        ComparisonFile(baseline='off', notes=[], jobs=['tiny-SASRec-off-1'])
    """

    baseline: str
    notes: list[str]
    jobs: list[str]

    def write(self, folder: Path) -> None:
        """Writes the file into an output folder."""
        write_whole(folder / _NAME, as_json(asdict(self)))

    @classmethod
    def read(cls, folder: Path) -> "ComparisonFile":
        """Reads the file of an output folder.

        Raises:
            InputError: If the folder holds no comparison, or the file is damaged.
        """
        path = folder / _NAME
        try:
            text = path.read_text(encoding="utf-8")
            return cls(**read_object(_renamed_notes(text) if '"base"' in text else text))
        except OSError as error:
            raise InputError(
                f"{str(folder)!r} holds no comparison, {_NAME} is missing; it must be the output "
                f"folder of `compare`"
            ) from error
        except InputError as error:  # in our words already
            raise InputError(f"{str(path)!r} is not usable: {error}") from error
        except TypeError as error:
            must = "its fields must be " + ", ".join(one.name for one in fields(cls))
            raise InputError(f"{str(path)!r} is not usable: {must}") from error


def _renamed_notes(text: str) -> str:
    """The notes of an earlier version in today's words, in which the report makes them again."""
    for earlier, today in (("Arms", "Variants"), ("arm", "variant")):
        text = re.sub(rf"\b{earlier}\b(?=[^\"])", today, text)
    return text
