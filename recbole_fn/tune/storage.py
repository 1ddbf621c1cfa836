"""Where a search keeps its files: a folder, or a place that PyArrow knows, such as a bucket."""

from pathlib import Path
from typing import Any

from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import unique_name, write_whole


class Storage:
    """A place for files, each written whole or not at all; can be sent to another process.

    Args:
        place: A folder, or an address such as `s3://bucket/folder`.

    Raises:
        InputError: for an address that PyArrow does not know.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     storage = Storage(folder)
        ...     storage.write("trials/0000/keys.json", "{}")
        ...     storage.read("trials/0000/keys.json"), storage.folders("trials")
        ('{}', ['0000'])
    """

    def __init__(self, place: str) -> None:
        self.folder = None if "://" in place else Path(place).expanduser().resolve()
        self.place = place if self.folder is None else str(self.folder)
        self._files()

    def read(self, name: str) -> str | None:
        """The text of a file; None where there is none.

        Args:
            name: Its path within the place.
        """
        content = self._get(name)
        return None if content is None else content.decode()

    def write(self, name: str, text: str) -> None:
        """Writes a file."""
        if self.folder is None:
            self._put(name, text.encode())
        else:  # survives a power cut, which PyArrow does not promise
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            write_whole(self.folder / name, text)

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        files, root = self._files()
        return bool(files.get_file_info(f"{root}/{name}").is_file)

    def folders(self, name: str) -> list[str]:
        """The names of the folders within a folder, sorted."""
        from pyarrow.fs import FileSelector

        files, root = self._files()
        entries = files.get_file_info(FileSelector(f"{root}/{name}", allow_not_found=True))
        return sorted(entry.base_name for entry in entries if not entry.is_file)

    def upload(self, path: Path, name: str) -> None:
        """Copies a file to the place, if it is not there by itself."""
        if self.folder is None and path.is_file():
            self._put(name, path.read_bytes())

    def download(self, name: str, path: Path) -> None:
        """Copies a file from the place, if there is one and it is not there by itself."""
        content = self._get(name) if self.folder is None else None
        if content is not None:
            path.write_bytes(content)

    def _get(self, name: str) -> bytes | None:
        if not self.has(name):
            return None
        files, root = self._files()
        with files.open_input_stream(f"{root}/{name}") as stream:
            content: bytes = stream.read()
        return content

    def _put(self, name: str, content: bytes) -> None:
        files, root = self._files()
        folder, _, last = f"{root}/{name}".rpartition("/")
        temporary = f"{folder}/{unique_name(last)}"
        files.create_dir(folder, recursive=True)
        with files.open_output_stream(temporary) as stream:
            stream.write(content)
        files.move(temporary, f"{folder}/{last}")

    def _files(self) -> tuple[Any, str]:
        """PyArrow's file system and the path in it; made anew, as it cannot be sent."""
        from pyarrow.fs import FileSystem, LocalFileSystem

        if self.folder is not None:
            return LocalFileSystem(), str(self.folder)
        try:
            files, root = FileSystem.from_uri(self.place)
        except (OSError, ValueError) as error:  # only PyArrow knows the address
            reason = " ".join(str(error).split())
            raise InputError(
                f"out is {self.place!r}, which cannot be used ({reason}); it must be a folder, "
                f"or an address such as s3://bucket/folder"
            ) from error
        return files, root
