"""Draws small data sets with the oddities of people's own files, and keys to read them with."""

import random

UNITS = {
    "steps": str,
    "seconds": lambda t: str(1_700_000_000 + t),
    "minutes": lambda t: str(1_700_000_000 + 60 * t),
    "milliseconds": lambda t: str(1_700_000_000_000 + t),
    "microseconds": lambda t: str(1_700_000_000_000_000 + t),
    "nanoseconds": lambda t: str(1_700_000_000_000_000_000 + t),
    "fractions": lambda t: f"1700000000.1234{t:05d}",
    "exponents": lambda t: f"{1_700_000_000 + t}e-3",
    "negative": lambda t: str(t - 1_700_000_000),
}
ODD_IDS = [
    "NA",
    "null",
    "nan",
    "None",
    "",
    " x",
    "''",
    "né",
    "1e5",
    "0",
    "01",
    "NA1",
    "-",
    "None ",
    '"a,b;c"',
]
ODD_TIMES = ["", "null", "2024-01-02", "inf", "nan"]
PARTS = ("train", "valid", "test")
EVALUATIONS = [
    *({"split": {"LS": how}} for how in ("valid_and_test", "valid_only", "test_only")),
    {"split": {"RS": [0.8, 0.1, 0.1]}, "group_by": "user"},
    {"split": {"RS": [0.6, 0.2, 0.2]}, "group_by": None},
    {"split": {"TS": [0.8, 0.1, 0.1]}},
    {"split": {"TS": [0.5, 0.2, 0.3]}},
]


class MadeUp:
    """A data set: its files as bytes, and the keys of a run.

    Args:
        seed: What it is drawn from.
    """

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.unit = self.chance.choice(list(UNITS))
        self.keys = self._keys()
        self.separator = self.keys.get("field_separator", "\t")
        self.columns = ["user_id:token", "item_id:token", "timestamp:float"]
        extra = ["rating:float", "tag:token", "tags:token_seq", "sizes:float_seq"]
        self.columns += self.chance.sample(extra, self.chance.randrange(3))
        self.in_parts = self.often(0.3)
        self.files = self._parts() if self.in_parts else {"own.inter": self._file(self._events())}
        if self.often(0.15):
            self.files["own.item"] = self._items()
        self._filter()

    def often(self, share):
        """True in that share of the calls."""
        return self.chance.random() < share

    def write(self, folder):
        """Writes the files, and nothing else, into a folder."""
        folder.mkdir(exist_ok=True)
        for path in folder.iterdir():
            path.unlink()
        for name, content in self.files.items():
            (folder / name).write_bytes(content)

    def _keys(self):
        keys = {"MAX_ITEM_LIST_LENGTH": self.chance.randint(1, 8)}
        order = "RO" if self.often(0.03) else "TO"
        keys["eval_args"] = {**self.chance.choice(EVALUATIONS), "order": order, "mode": "full"}
        if self.often(0.2):
            keys["normalize_all"] = True
        elif self.often(0.1):
            keys["normalize_field"] = ["timestamp"]
        if self.often(0.2):
            keys["field_separator"] = self.chance.choice([",", ";"])
        return keys

    def _filter(self):
        """Filters, of which files of parts have none."""
        drawn = self.chance.choice
        if self.often(0.2):
            keys = drawn([("user",), ("item",), ("user", "item")])
            interval = drawn(["[2,inf)", "[3,inf)", "[2,8]", "(1,5)"])
            self.keys |= {f"{key}_inter_num_interval": interval for key in keys}
        if self.often(0.15):
            self.keys["rm_dup_inter"] = drawn(["first", "last"])
        if self.often(0.2):
            low, high = sorted(self.chance.sample(range(30), 2))
            low, high = sorted(map(UNITS[self.unit], (low, high)), key=float)
            interval = f"{drawn('[(')}{low},{drawn([high, 'inf'])}{drawn(')]')}"
            self.keys["val_interval"] = {"timestamp": interval}
        elif self.often(0.2):
            choices = {"rating:float": ("rating", "[2,5]"), "tag:token": ("tag", ["a", "b"])}
            self.keys["val_interval"] = dict(
                choices[name] for name in self.columns if name in choices
            )

    def _events(self):
        """Cells of the interactions: ties in time, repeated lines, in one of three orders."""
        steps, odd = self.chance.choice([3, 20, 60]), self.chance.choice(ODD_IDS)
        events = []
        for user in range(self.chance.randint(3, 12)):
            for _ in range(self.chance.choice([1, 2, 3, 5, 9, 12])):
                item, step = f"i{self.chance.randrange(9)}", self.chance.randrange(steps)
                ids = [f"u{user}", item]
                if self.often(0.015):
                    ids[self.chance.randrange(2)] = odd
                events.append((step, ids))
        if self.often(0.3):
            events += self.chance.choices(events, k=3)
        order = self.chance.choice(["time", "newest first", "none"])
        self.chance.shuffle(events)
        if order != "none":
            events.sort(key=lambda event: event[0], reverse=order == "newest first")
        return [[*ids, self._time(step), *self._extra(step)] for step, ids in events]

    def _time(self, step):
        text = UNITS[self.unit](step)
        return self.chance.choice(ODD_TIMES) if self.often(0.0005) else text

    def _extra(self, step):
        made = {
            "rating:float": lambda: self.chance.choice(["1", "3.5", "5", "", "NA"]),
            "tag:token": lambda: self.chance.choice(["a", "b", "", "null"]),
            "tags:token_seq": lambda: " ".join(self.chance.choices("abc", k=step % 3 + 1)),
            "sizes:float_seq": lambda: " ".join(self.chance.choices("123", k=step % 2 + 1)),
        }
        return [made[name]() for name in self.columns[3:]]

    def _parts(self):
        self.keys["benchmark_filename"] = list(PARTS)
        columns = range(len(self.columns))
        if self.often(0.2):  # in the order of the lines
            columns = [at for at in columns if at != 2]
        events = [[row[at] for at in columns] for row in self._events()]
        self.columns = [self.columns[at] for at in columns]
        cuts = sorted(self.chance.sample(range(1, len(events)), 2)) if len(events) > 2 else [1, 2]
        parts = events[: cuts[0]], events[cuts[0] : cuts[1]], events[cuts[1] :]
        if self.often(0.5):
            parts = self._with_lists(parts)
        return {f"own.{name}.inter": self._file(rows) for name, rows in zip(PARTS, parts)}

    def _with_lists(self, parts):
        longest = self.keys["MAX_ITEM_LIST_LENGTH"]
        self.columns.append("item_id_list:token_seq")
        if not self.often(0.05):
            self.keys["alias_of_item_id"] = ["item_id_list"]
        if self.often(0.3):
            self.keys["seq_len"] = {"item_id_list": self.chance.randint(1, longest + 1)}
            longest += 3
        return [[[*row, self._list(longest)] for row in rows] for rows in parts]

    def _list(self, longest):
        if self.often(0.002):
            return self.chance.choice(["", "NA", "null", " "])
        length = self.chance.randint(1, longest) + self.often(0.002)
        return " ".join(f"i{self.chance.randrange(9)}" for _ in range(length))

    def _items(self):
        ids = [f"i{n}" for n in range(self.chance.choice([6, 9, 12]))]
        if self.often(0.1):
            ids.append(self.chance.choice(ODD_IDS))
        lines = [["item_id:token", "kind:token"], *([one, "k"] for one in ids + ids[:1])]
        return self._text(lines).encode("utf-8")

    def _file(self, rows):
        content = self._text([self.columns, *rows]).encode("utf-8")
        if not self.often(0.04):
            return content
        if self.often(0.5):
            self.keys["encoding"] = "utf-8-sig"
        return b"\xef\xbb\xbf" + content

    def _text(self, rows):
        end = "\r\n" if self.often(0.1) else "\n"
        lines = [self.separator.join(row) for row in rows]
        if self.often(0.1):
            lines.insert(self.chance.randrange(1, len(lines) + 1), self.chance.choice(["", "  "]))
        return end.join(lines) + (end if self.often(0.8) else "")
