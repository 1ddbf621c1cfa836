"""What each user would have liked at each step, stored as tastes and computed on demand."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import alone, replaced, write_whole
from recbole_fn.utils.hashes import hash_of

Floats = NDArray[np.floating]
Integers = NDArray[np.integer]
NONE = -1  # no item


@dataclass(frozen=True)
class Truth:
    """The tastes of users: an item is liked if its affinity exceeds the user's threshold.

    Attributes:
        tastes: Taste of each user at each step, shape [users, steps, dimensions], float16.
        thresholds: Affinity above which an item is liked, shape [users, steps], float32.
        vectors: The items, shape [items, dimensions], float32.

    Example:
        >>> truth = Truth(np.ones((1, 1, 1)), np.array([[0.5]]), np.array([[0.9], [0.1]]))
        >>> truth.liked_catalogue(users=np.array([0]), steps=np.array([0]))
        array([[ True, False]])
    """

    tastes: Floats
    thresholds: Floats
    vectors: Floats

    def liked(self, users: Integers, steps: Integers, items: Integers) -> NDArray[np.bool_]:
        """Whether users [pairs] like items [pairs] at steps [pairs]: shape [pairs]."""
        tastes = self.tastes[users, steps].astype(np.float32)
        affinities = np.einsum("ed,ed->e", tastes, self.vectors[items])  # [pairs]
        is_liked: NDArray[np.bool_] = affinities > self.thresholds[users, steps]
        return is_liked

    def liked_catalogue(self, users: Integers, steps: Integers) -> NDArray[np.bool_]:
        """Which items users [rows] like at steps [rows]: shape [rows, items]."""
        affinities = self.tastes[users, steps].astype(np.float32) @ self.vectors.T
        is_liked: NDArray[np.bool_] = affinities > self.thresholds[users, steps, None]
        return is_liked


def write_data(
    folder: Path, name: str, truth: Truth, items: Integers, skips: Integers | None = None
) -> Path:
    """Writes a data set in RecBole's format and its truth.

    Users are named u0, u1, ..., items i0, i1, ..., and the timestamp is the step. With skips there
    is a column `event`: `skip`; `like` for an item that was taken and is liked; and `take` for
    one that was taken where nothing new was liked. What a user skips comes before what is taken.

    Args:
        folder: Folder of data sets; it is created if missing.
        name: Name of the data set and of its folder.
        truth: What the users like.
        items: The item that each user took at each step, shape [users, steps].
        skips: What each user skipped before each step, `NONE` for nothing, shape
            [users, steps, skips]; None for data without events.

    Returns:
        The data set's folder, with the files `<name>.inter` and `<name>.truth.npz`.

    Raises:
        InputError: if the folder cannot be written, or holds another data set of that name.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> truth = Truth(np.ones((1, 1, 1)), np.array([[0.5]]), np.array([[0.9], [0.1]]))
        >>> with TemporaryDirectory() as folder:
        ...     place = write_data(Path(folder), "world", truth, items=np.array([[1]]))
        ...     print((place / "world.inter").read_text().splitlines()[1].split())
        ['u0', 'i1', '0']
    """
    place = folder / name
    lines = _taken(items) if skips is None else _events(truth, items, skips)
    text = "\n".join(lines) + "\n"
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:  # only the system knows the reason
        raise InputError(
            f"--out is {str(folder)!r}, which cannot be written ({error.strerror}); it must be a "
            f"folder that can"
        ) from error
    with alone(place, f"--name is {name!r}, which another process writes; it must be another"):
        _require_free(place, text, truth)
        with replaced(place / f"{name}.truth.npz") as file:
            digest = hashlib.sha256(text.encode()).hexdigest()
            np.savez(file, interactions=np.array(digest), **vars(truth))
        write_whole(place / f"{name}.inter", text)
    return place


def _taken(items: Integers) -> list[str]:
    """The lines of a file of what was taken."""
    lines = ["user_id:token\titem_id:token\ttimestamp:float"]
    for user, taken in enumerate(items.tolist()):
        lines += [f"u{user}\ti{item}\t{step}" for step, item in enumerate(taken)]
    return lines


def _events(truth: Truth, items: Integers, skips: Integers) -> list[str]:
    """The lines of a file of what was skipped and taken."""
    lines = ["user_id:token\titem_id:token\ttimestamp:float\tevent:token"]
    users, steps = (grid.ravel() for grid in np.indices(items.shape))
    liked = truth.liked(users, steps, items.ravel()).reshape(items.shape)
    for user, taken in enumerate(items.tolist()):
        for step, item in enumerate(taken):
            skipped = [one for one in skips[user, step].tolist() if one != NONE]
            lines += [f"u{user}\ti{one}\t{step}\tskip" for one in skipped]
            lines.append(f"u{user}\ti{item}\t{step}\t{'like' if liked[user, step] else 'take'}")
    return lines


def _require_free(place: Path, text: str, truth: Truth) -> None:
    """Refuses a folder with other data; to make the same once more changes nothing."""
    path = place / f"{place.name}.inter"
    if not path.exists():
        return
    is_same = path.read_bytes() == text.encode()
    if not is_same or any(
        not np.array_equal(before, vars(truth)[part])
        for part, before in vars(read_truth(place)).items()
    ):
        raise InputError(
            f"--name is {place.name!r}, and {str(path)!r} is there already with other data; it "
            f"must be another name, or the folder must be deleted"
        )


def read_truth(place: Path) -> Truth:
    """Reads the truth of a data set that `write_data` wrote.

    Args:
        place: The data set's folder.

    Raises:
        InputError: if the folder has no truth, it cannot be read, or it is that of other data.

    Example:
        >>> read_truth(Path("none"))
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: --data is 'none', without a readable none.truth.npz; ...
    """
    path = place / f"{place.name}.truth.npz"
    try:
        with np.load(path) as parts:
            truth = Truth(parts["tastes"], parts["thresholds"], parts["vectors"])
            digest = str(parts.get("interactions", ""))  # earlier versions lack it
    except (OSError, KeyError, ValueError) as error:
        raise InputError(
            f"--data is {str(place)!r}, without a readable {path.name}; it must be a folder that "
            f"the subcommand simulate has made"
        ) from error
    data = place / f"{place.name}.inter"
    if digest and data.is_file() and hash_of(data) != digest:
        raise InputError(
            f"--data is {str(place)!r}, and {data.name} there has changed since simulate made it; "
            f"it must be as it was, as {path.name} holds the truth of these interactions"
        )
    return truth
