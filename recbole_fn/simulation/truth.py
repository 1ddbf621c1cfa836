"""What each user would have liked at each step, kept as tastes and answered on demand."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recbole_fn.utils.errors import InputError

Floats = NDArray[np.floating]
Integers = NDArray[np.integer]


@dataclass(frozen=True)
class Truth:
    """A user likes an item at a step when their affinity is above the user's threshold then.

    Attributes:
        tastes: Taste of each user at each step, shape [U, T, D], float16.
        thresholds: Affinity above which an item is liked, shape [U, T], float32.
        vectors: The items, shape [I, D], float32.
    """

    tastes: Floats
    thresholds: Floats
    vectors: Floats

    def liked(self, users: Integers, steps: Integers, items: Integers) -> NDArray[np.bool_]:
        """Which items users like at steps; all three of shape [E], as is the answer."""
        tastes = self.tastes[users, steps].astype(np.float32)
        affinities = np.einsum("ed,ed->e", tastes, self.vectors[items])
        is_liked: NDArray[np.bool_] = affinities > self.thresholds[users, steps]
        return is_liked

    def liked_catalogue(self, users: Integers, steps: Integers) -> NDArray[np.bool_]:
        """Which of all items users like at steps; shape [R, I] for users and steps [R]."""
        affinities = self.tastes[users, steps].astype(np.float32) @ self.vectors.T
        is_liked: NDArray[np.bool_] = affinities > self.thresholds[users, steps, None]
        return is_liked


def write_data(folder: Path, name: str, truth: Truth, items: Integers) -> Path:
    """Writes a data set in RecBole's format, with its truth beside it.

    Users are called u0, u1, ..., items i0, i1, ..., and the timestamp is the step.

    Args:
        folder: Folder of data sets; made if it is not there.
        name: Name of the data set, which becomes a folder in it.
        truth: What the users like.
        items: The item that each user took at each step, shape [U, T].

    Returns:
        The data set's folder, with the files `<name>.inter` and `<name>.truth.npz`.

    Raises:
        InputError: if the folder cannot be written.
    """
    place = folder / name
    lines = ["user_id:token\titem_id:token\ttimestamp:float"]
    for user, taken in enumerate(items.tolist()):
        lines += [f"u{user}\ti{item}\t{step}" for step, item in enumerate(taken)]
    try:
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{name}.inter").write_text("\n".join(lines) + "\n", encoding="utf-8")
        parts = {"tastes": truth.tastes, "thresholds": truth.thresholds, "vectors": truth.vectors}
        np.savez(place / f"{name}.truth.npz", **parts)
    except OSError as error:
        raise InputError(f"--out {str(folder)!r} cannot be written: {error.strerror}") from error
    return place


def read_truth(place: Path) -> Truth:
    """Reads the truth of a data set that `write_data` wrote.

    Args:
        place: The data set's folder.

    Raises:
        InputError: if there is none.
    """
    path = place / f"{place.name}.truth.npz"
    try:
        with np.load(path) as parts:
            return Truth(parts["tastes"], parts["thresholds"], parts["vectors"])
    except (OSError, KeyError, ValueError) as error:
        raise InputError(
            f"--data {str(place)!r} has no readable {path.name}; it must be a folder that "
            f"python -m recbole_fn.cli.simulate_main has made"
        ) from error
