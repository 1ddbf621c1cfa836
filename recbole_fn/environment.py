"""Which packages this one works with, and a check of those that are installed.

`setup.py` reads `REQUIREMENTS` from this file, so the bounds stand in one place. The file
imports nothing but the standard library at the top: it has to run where the rest is broken.
"""

from importlib import metadata

REQUIREMENTS = (
    "recbole==1.2.1",
    "torch>=2.6,<2.14",  # 2.6: weights-only loading with an allow-list
    "numpy>=1.26,<2",  # RecBole reads np.bool8 and np.float_, which NumPy 2 removed
    "pandas>=2,<3",  # pandas 3 turns RecBole's chained fillna into lost values
    "ray[tune]==2.6.3",  # RecBole 1.2.1 allows nothing newer
    "pyarrow<26",  # Ray 2.6.3 hands its first task to it; 26 asks for NumPy 2
    "setuptools<82",  # Ray 2.6.3 imports pkg_resources
    "packaging",  # reads the bounds above
    "pyyaml",
    "tqdm",
)


def problems(requirements: tuple[str, ...] = REQUIREMENTS) -> list[str]:
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


def require_working_packages() -> None:
    """Refuses an environment in which RecBole fails or silently computes wrong numbers.

    Raises:
        InputError: naming each package, its version and the version needed.
    """
    from recbole_fn.errors import InputError

    try:
        found = problems()
    except ModuleNotFoundError as error:
        found = [f"{error.name} is not installed"]
    if found:
        raise InputError(f"{'; '.join(found)} (pip install recbole_fn brings a working set)")
