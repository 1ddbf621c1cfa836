"""Finds property files: in the working directory first, then among the packaged ones."""

from pathlib import Path

from recbole_fn.utils.errors import InputError

_PACKAGE = Path(__file__).parents[1]


def properties_folder() -> Path:
    """The folder of the packaged property files: in the package, or in the source checkout.

    Example:
        >>> (properties_folder() / "fn.yaml").is_file()
        True
    """
    installed = _PACKAGE / "properties"
    return installed if installed.is_dir() else _PACKAGE.parent / "properties"


def find_property_file(name: str) -> Path:
    """Looks for a property file in the working directory, then among the packaged ones.

    Args:
        name: A path, or the name of a packaged file.

    Raises:
        InputError: if the file is in neither place.

    Example:
        >>> find_property_file("tune/fn.yaml").name
        'fn.yaml'
    """
    for path in (Path(name), properties_folder() / name):
        if path.is_file():
            return path
    packaged = sorted(
        str(path.relative_to(properties_folder())) for path in properties_folder().rglob("*.yaml")
    )
    where, choices = str(Path.cwd()), ", ".join(packaged)
    raise InputError(
        f"config file {name!r} is not in {where!r}; it must be, or be one of {choices}"
    )
