"""Which two sets of packages this one works with, and a check of those that are installed.

`setup.py` reads `REQUIREMENTS` from this file and pip the newer set from `newer.txt`, so the bounds
stand in one place. The file imports nothing but the standard library at the top: it has to run
where the rest is broken.
"""

import re
from importlib import metadata
from pathlib import Path

_RECBOLE = "recbole==1.2.1"
REQUIREMENTS = (
    _RECBOLE,
    "torch>=2.6,<2.14",  # 2.6: weights-only loading with an allow-list
    "numpy>=1.26,<2",  # what Ray 2.6.3 is made for; the newer set has 2
    "pandas>=2,<3",  # pandas 3 turns RecBole's chained fillna into lost values
    "ray[tune]==2.6.3",  # RecBole 1.2.1 allows nothing newer
    "pyarrow<26",  # Ray 2.6.3 hands its first task to it; 26 asks for NumPy 2
    "setuptools<82",  # Ray 2.6.3 imports pkg_resources
    "packaging",  # reads the bounds above
    "colorama",
    "filelock",
    "jinja2",
    "markupsafe",
    "plotly",
    "pyyaml>=5.4",  # before, its full loader called Python objects that a file names
    "scipy",
    "tabulate",  # pandas draws tables with it
    "texttable",
    "tqdm",
)
_LINES = Path(__file__).with_name("newer.txt").read_text(encoding="utf-8").splitlines()
NEWER = (_RECBOLE, *(line for line in _LINES if not line.startswith("#")))
OF_RAY = ("ray", "pyarrow", "setuptools")  # training imports none of them
_ADVICE = "pip install recbole_fn brings the default set"


def problems(requirements: tuple[str, ...]) -> list[str]:
    """Compares installed packages with bounds.

    Args:
        requirements: PEP 508 requirements, for example `numpy>=1.26,<2`.

    Returns:
        One sentence for each package that is missing or outside its bounds.
    """
    from packaging.requirements import Requirement

    found = []
    for text in requirements:
        needed = Requirement(text)
        try:
            version = metadata.version(needed.name)
        except metadata.PackageNotFoundError:
            found.append(f"{needed.name} is not installed; {needed} is needed")
            continue
        if not needed.specifier.contains(version, prereleases=True):
            found.append(f"{needed.name} {version} is installed; {needed} is needed")
    return found


def without_ray(requirements: tuple[str, ...]) -> tuple[str, ...]:
    """The requirements of a set but for those that Ray alone has."""
    return tuple(text for text in requirements if re.split(r"\W", text)[0] not in OF_RAY)


def require_training_packages() -> None:
    """Refuses an environment in which RecBole fails or silently computes wrong numbers.

    What only Ray needs does not matter here: it may be wrong, and it may be missing.

    Raises:
        InputError: if it is neither of the two sets, naming each package that does not fit into
            the one or the other, its version and the version needed.
    """
    _require_one(without_ray(REQUIREMENTS), without_ray(NEWER))


def require_ray_packages() -> None:
    """Refuses an environment in which Ray fails: for a search, and for jobs side by side.

    Raises:
        InputError: as `require_training_packages`.
    """
    _require_one(REQUIREMENTS, NEWER)


def _require_one(default: tuple[str, ...], newer: tuple[str, ...]) -> None:
    from recbole_fn.utils.errors import InputError

    try:
        lacks, lacks_newer = problems(default), problems(newer)
    except ModuleNotFoundError as error:
        raise InputError(f"{error.name} is not installed ({_ADVICE})") from error
    if lacks and lacks_newer:
        raise InputError(
            f"the installed packages are neither the default set ({'; '.join(lacks)}) nor the "
            f"newer one ({'; '.join(lacks_newer)}); {_ADVICE}"
        )
