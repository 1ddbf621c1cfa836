"""Makes dataset/tiny: a data set in RecBole's format, small enough for a test of seconds.

Users walk around a circle of items with small steps, so that the next item can be learned.

    python dataset/make_tiny.py
"""

import random
from pathlib import Path

NUM_USERS, NUM_ITEMS, SEED = 80, 50, 2208


def history(user: int) -> list[int]:
    """The items of a user in order, all different."""
    chance = random.Random(SEED * 1000 + user)
    item, items = chance.randrange(NUM_ITEMS), []
    for _ in range(chance.randint(6, 16)):
        items.append(item)
        while item in items:
            item = (item + chance.choice((1, 1, 1, 2, 3, NUM_ITEMS // 2))) % NUM_ITEMS
    return items


def main() -> None:
    """Writes the file."""
    lines = ["user_id:token\titem_id:token\ttimestamp:float"]
    for user in range(NUM_USERS):
        for time, item in enumerate(history(user)):
            lines.append(f"u{user}\ti{item}\t{time}")
    folder = Path(__file__).parent / "tiny"
    folder.mkdir(exist_ok=True)
    (folder / "tiny.inter").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
