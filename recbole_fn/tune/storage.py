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
    """

    def __init__(self, place: str) -> None:
        self.folder = None if "://" in place else Path(place).expanduser().resolve()
        self.place = place if self.folder is None else str(self.folder)
        self._remote()

    def read(self, name: str) -> str | None:
        """The text of a file; None where there is none.

        Args:
            name: Its path within the place.
        """
        if self.folder is not None:
            path = self.folder / name
            return path.read_text(encoding="utf-8") if path.is_file() else None
        files, root = self._remote()
        if not self.has(name):
            return None
        with files.open_input_stream(f"{root}/{name}") as stream:
            text: str = stream.read().decode()
        return text

    def write(self, name: str, text: str) -> None:
        """Writes a file."""
        if self.folder is not None:
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            write_whole(self.folder / name, text)
        else:
            self._put(name, text.encode())

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        if self.folder is not None:
            return (self.folder / name).is_file()
        files, root = self._remote()
        return bool(files.get_file_info(f"{root}/{name}").is_file)

    def folders(self, name: str) -> list[str]:
        """The names of the folders within a folder, sorted."""
        if self.folder is not None:
            return sorted(p.name for p in (self.folder / name).glob("*") if p.is_dir())
        from pyarrow.fs import FileSelector

        files, root = self._remote()
        found = files.get_file_info(FileSelector(f"{root}/{name}", allow_not_found=True))
        return sorted(info.base_name for info in found if not info.is_file)

    def upload(self, path: Path, name: str) -> None:
        """Copies a file to the place, if it is not there by itself."""
        if self.folder is None and path.is_file():
            self._put(name, path.read_bytes())

    def download(self, name: str, path: Path) -> None:
        """Copies a file from the place, if there is one and it is not there by itself."""
        if self.folder is None and self.has(name):
            files, root = self._remote()
            with files.open_input_stream(f"{root}/{name}") as stream:
                path.write_bytes(stream.read())

    def _put(self, name: str, content: bytes) -> None:
        files, root = self._remote()
        folder, _, last = f"{root}/{name}".rpartition("/")
        temporary = f"{folder}/{unique_name(last)}"
        files.create_dir(folder, recursive=True)
        with files.open_output_stream(temporary) as stream:
            stream.write(content)
        files.move(temporary, f"{folder}/{last}")

    def _remote(self) -> tuple[Any, str]:
        """PyArrow's file system and the path in it; made anew, as it cannot be sent."""
        if self.folder is not None:
            return None, ""
        from pyarrow.fs import FileSystem

        try:
            files, root = FileSystem.from_uri(self.place)
        except (OSError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise InputError(f"{self.place!r} is no place for files: {reason}") from error
        return files, root
