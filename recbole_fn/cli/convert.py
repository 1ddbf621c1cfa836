"""`convert`: makes RecBole's atomic files from a table, and shows the types that it guessed."""

from collections.abc import Sequence

from recbole_fn.cli.parser import Parser
from recbole_fn.conversion.convert import Converted, convert
from recbole_fn.results.text_table import text_table

_DESCRIPTION = """\
Converts a table of interactions (.csv, .tsv, .parquet) to RecBole's atomic files. The columns of
users, items and times are found by their names, types are guessed, and both are shown."""
EXAMPLES = (
    "purchases.csv",
    "sales.parquet --user=customer --item=product --time=date --name=shop",
    "ratings.csv --items=movies.csv --types=zip=token,tags=token_seq --overwrite",
)


def parser() -> Parser:
    """The options.

    Examples:
        >>> parser().parse_args(["purchases.csv"]).out
        'dataset'
    """
    made = Parser("convert", _DESCRIPTION, EXAMPLES)
    made.add_argument("table", help="the table of interactions")
    add = made.add_argument_group("what the columns are").add_argument
    for role in ("user", "item", "time"):
        add(f"--{role}", metavar="COLUMN", help=f"the column of {role}s (default: by its name)")
    add("--types", help="NAME=TYPE,... of other columns: token, float, token_seq, float_seq")
    add("--items", metavar="FILE", help="a table of items, which becomes the .item file")
    add = made.add_argument_group("where it goes").add_argument
    add("--name", help="name of the data set (default: the file's)")
    add("--out", default="dataset", metavar="FOLDER", help="folder of data sets (default: dataset)")
    add("--overwrite", action="store_true", help="replace files of before")
    return made


def run(arguments: Sequence[str]) -> int:
    """Writes the files and prints their columns.

    Args:
        arguments: The arguments after the subcommand.

    Returns:
        The exit code, 0.

    Raises:
        InputError: for a mistake in them or in the table.

    Examples:
        >>> from pandas import DataFrame
        >>> table = DataFrame({"customer": ["ann", "bob"], "item": "pen", "time": [1, 2]})
        >>> table.to_csv("sales.csv", index=False)
        >>> run(["sales.csv", "--user=customer"])
        dataset/sales/sales.inter: 2 rows
        column            becomes    because    first value
        --------  ---------------  ---------  -------------
        customer    user_id:token       user            ann
        item        item_id:token       item            pen
        time      timestamp:float       time              1
        Train with --dataset=sales --data_path=dataset
        0
    """
    asked = parser().parse_args(arguments)
    roles = {role: getattr(asked, role) for role in ("user", "item", "time")}
    made = convert(
        asked.table, asked.out, asked.name, roles, asked.types, asked.items, asked.overwrite
    )
    for one in made:
        print(f"{one.path}: {one.rows} row{'s' * (one.rows != 1)}")
        print(_table(one))
    name = made[0].path.stem
    print(f"Train with --dataset={name} --data_path={asked.out}")
    return 0


def _table(made: Converted) -> str:
    rows = [
        {
            "column": column.source,
            "becomes": column.header,
            "because": column.reason,
            "first value": before if before == after else f"{before} -> {after}",
        }
        for column, (before, after) in zip(made.columns, made.examples, strict=True)
    ]
    return text_table(rows, "column")
