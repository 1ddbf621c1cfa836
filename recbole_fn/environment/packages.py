"""The two sets of package versions that work, and a check of the installed ones.

`setup.py` reads `REQUIREMENTS` from this file and pip reads the newer set from `newer.txt`, so each
bound is written once. At the top this file imports only the standard library: it must run in a
broken environment.
"""

import functools
import re
from importlib import metadata
from pathlib import Path

_RECBOLE = "recbole==1.2.1"
REQUIREMENTS = (
    _RECBOLE,
    "torch>=2.6,<2.14",  # 2.6: weights-only loading with an allow-list
    "numpy>=1.26,<2",  # Ray 2.6.3 is built for it; the newer set has 2
    "pandas>=2,<3",  # pandas 3 turns RecBole's chained fillna into lost values
    "ray[tune]==2.6.3",  # the newest that RecBole 1.2.1 allows
    "pyarrow<26",  # Ray 2.6.3 needs it for its first task; 26 needs NumPy 2
    "setuptools<82",  # Ray 2.6.3 imports pkg_resources
    "packaging",  # reads the bounds above
    "colorama",
    "filelock>=3.13",  # older ones were not tried
    "jinja2",
    "markupsafe",
    "plotly",
    "pyyaml>=5.4",  # older full loaders call any Python object that a file names
    "scipy",
    "tabulate",  # pandas draws tables with it
    "tqdm",
)
_LINES = Path(__file__).with_name("newer.txt").read_text(encoding="utf-8").splitlines()
NEWER = (_RECBOLE, *(line for line in _LINES if not line.startswith("#")))
OF_RAY = ("ray", "pyarrow", "setuptools")  # training imports none of them
EXTRAS = {
    "serve": ("fastapi>=0.115", "starlette", "uvicorn>=0.30", "pydantic>=2"),
    "onnx": ("onnx", "onnxruntime"),
    "faiss": ("faiss-cpu",),
}
_ADVICE = "pip install recbole_fn brings the default set"


def problems(requirements: tuple[str, ...]) -> list[str]:
    """Compares installed packages with bounds.

    Args:
        requirements: PEP 508 requirements, for example `numpy>=1.26,<2`.

    Returns:
        One sentence for each package that is missing or outside its bounds.

    Example:
        >>> problems(("numpy>=1", "no-such-package>=3"))
        ['no-such-package is not installed; no-such-package>=3 is needed']
    """
    from packaging.requirements import Requirement

    sentences = []
    for text in requirements:
        needed = Requirement(text)
        try:
            version = metadata.version(needed.name)
        except metadata.PackageNotFoundError:
            bounds = f"; {needed} is needed" if needed.specifier else ""
            sentences.append(f"{needed.name} is not installed{bounds}")
            continue
        if not needed.specifier.contains(version, prereleases=True):
            sentences.append(f"{needed.name} {version} is installed; {needed} is needed")
    return sentences


def without_ray(requirements: tuple[str, ...]) -> tuple[str, ...]:
    """The requirements without those of Ray.

    Args:
        requirements: PEP 508 requirements.

    Example:
        >>> without_ray(("numpy>=1.26,<2", "ray[tune]==2.6.3", "pyarrow<26"))
        ('numpy>=1.26,<2',)
    """
    return tuple(text for text in requirements if re.split(r"\W", text)[0] not in OF_RAY)


@functools.cache  # what is imported does not change; reading versions takes 20 ms or more
def require_training_packages() -> None:
    """Refuses an environment in which RecBole fails or silently computes wrong numbers.

    Packages that only Ray needs are not checked; they may be missing. An environment that was
    right is not looked at again.

    Raises:
        InputError: if the installed packages match neither set. The message lists each mismatch
            with the installed and the needed version.

    Example:
        >>> require_training_packages()
    """
    _require_one(without_ray(REQUIREMENTS), without_ray(NEWER))


def require_ray_packages() -> None:
    """Refuses an environment in which Ray fails; searches and parallel jobs need it.

    Raises:
        InputError: as `require_training_packages`.

    Example:
        >>> require_ray_packages()
    """
    _require_one(REQUIREMENTS, NEWER)


def require_extra(name: str) -> None:
    """Refuses an environment without the packages of an extra.

    Args:
        name: A key of `EXTRAS`.

    Raises:
        InputError: naming what is missing, and how to install it.

    Example:
        >>> from unittest import mock
        >>> with mock.patch.dict(EXTRAS, none=("no-such-package>=3",)):
        ...     require_extra("none")
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: no-such-package is not installed; no-such-package>=3 is
        needed: pip install "recbole_fn[none]"
    """
    from recbole_fn.utils.errors import InputError

    lacks = problems(EXTRAS[name])
    if lacks:
        raise InputError(f'{"; ".join(lacks)}: pip install "recbole_fn[{name}]"')


def _require_one(default: tuple[str, ...], newer: tuple[str, ...]) -> None:
    from recbole_fn.utils.errors import InputError

    try:
        lacks, lacks_newer = problems(default), problems(newer)
    except ModuleNotFoundError as error:  # its name alone, no words of Python
        raise InputError(f"{error.name} is not installed ({_ADVICE})") from error
    if lacks and lacks_newer:
        raise InputError(
            f"the installed packages are neither the default set ({'; '.join(lacks)}) nor the "
            f"newer one ({'; '.join(lacks_newer)}); {_ADVICE}"
        )
