"""Keeps trials that were run on other data out of a search."""

import json

from recbole_fn.data.origin import changed_file, files_of
from recbole_fn.tune.storage import Storage
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import as_json, fingerprint
from recbole_fn.utils.recbole_types import Config


def require_same_files(storage: Storage, config: Config) -> None:
    """Refuses a search whose data set has changed since it began; notes the files at its begin.

    Args:
        storage: The search's place.
        config: RecBole's configuration of the search, or of a trial.

    Raises:
        InputError: naming the file that has changed.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     data, storage = Path(folder, "tiny.inter"), Storage(f"{folder}/search")
        ...     for text in ("as it was", "changed"):
        ...         _ = data.write_text(text)
        ...         require_same_files(storage, {"data_path": folder, "dataset": "tiny"})
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: ... 'tiny.inter' has changed since; it must be as it ...
    """
    # A search over `data_path` has several data sets.
    name = f"data-{fingerprint({'data_path': str(config['data_path'])})}.json"
    now, noted = files_of(config), storage.read(name)
    if noted is None and now:
        storage.write(name, as_json(now))
    changed = changed_file(json.loads(noted or "{}"), now)
    if changed is not None:
        raise InputError(
            f"{storage.place!r} is a search on other data, as data set file {changed!r} has "
            f"changed since; it must be as it was, or the search begun in another place (--out=)"
        )
