"""Hashes of files' contents."""

import hashlib
from pathlib import Path
from typing import IO


def hash_of(path: Path) -> str:
    """The SHA-256 hash of a file's contents.

    Args:
        path: The file.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     Path(folder, "empty").touch()
        ...     hash_of(Path(folder, "empty"))
        'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    """
    with path.open("rb") as file:
        return hash_in(file)


def hash_in(file: IO[bytes]) -> str:
    """The SHA-256 hash of an open file's contents; what is read next begins there again.

    Args:
        file: The file, at its beginning.

    Example:
        >>> from io import BytesIO
        >>> hash_in(BytesIO())[:8]
        'e3b0c442'
    """
    digest = hashlib.sha256()
    while block := file.read(1 << 20):
        digest.update(block)
    file.seek(0)
    return digest.hexdigest()
