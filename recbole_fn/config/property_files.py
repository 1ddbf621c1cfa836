"""Where property files are: where the user stands, then among the packaged ones."""

from pathlib import Path

from recbole_fn.utils.errors import InputError

_PACKAGE = Path(__file__).parents[1]


def properties_folder() -> Path:
    """The packaged property files: beside the code once installed, else in the checkout."""
    installed = _PACKAGE / "properties"
    return installed if installed.is_dir() else _PACKAGE.parent / "properties"


def find_property_file(name: str) -> Path:
    """Looks a property file up where the user stands, then among the packaged ones.

    Args:
        name: A path, or the name of a packaged file such as `fn.yaml`.

    Raises:
        InputError: if it is in neither place.
    """
    for path in (Path(name), properties_folder() / name):
        if path.is_file():
            return path
    packaged = sorted(
        str(path.relative_to(properties_folder())) for path in properties_folder().rglob("*.yaml")
    )
    where, choices = str(Path.cwd()), ", ".join(packaged)
    raise InputError(f"config file {name!r} is not in {where!r}; packaged are {choices}")
