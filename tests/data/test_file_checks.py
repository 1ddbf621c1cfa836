"""Data files whose quotes would swallow interactions are refused; others are RecBole's to read."""

import pytest

import recbole_fn
from tests.helpers.runs import ON, SMALL, pieces

HEAD = "user_id:token\titem_id:token\ttimestamp:float\n"
ROWS = "".join(f"u{u}\ti{(u + t) % 7}\t{t}\n" for u in range(6) for t in range(5))


def dataset_of(folder, more):
    (folder / "data" / "own").mkdir(parents=True)
    content = HEAD + ROWS + more
    (folder / "data" / "own" / "own.inter").write_text(content, encoding="utf-8")
    return pieces(dataset="own", data_path="data").dataset


@pytest.mark.parametrize(
    "row",
    ['"u9\ti1\t1\nu9\ti2\t2\nu10"\ti3\t3\n', 'u9\t"i1" x\t1\n', 'u9\t"i\t1\n', 'u9\t"a"b"\t1\n'],
)
def test_an_open_quote_is_refused_by_its_line(row, own_folder):
    with pytest.raises(recbole_fn.InputError, match=r"own.inter' has in line 32 a field that beg"):
        dataset_of(own_folder, row)


@pytest.mark.slow
def test_closed_quotes_are_read_as_csv_reads_them(own_folder):
    rows = 'u9\t"i ""1"""\t1\n"u9"\ti"2\t2\n"u9"\t""\t3\nu9\t"with\ttab"\t4\r\nu9\t6"\t5\n'
    dataset = dataset_of(own_folder, rows)
    tokens = set(dataset.field2id_token["item_id"][1:])
    assert tokens - {f"i{n}" for n in range(7)} == {'i "1"', 'i"2', "with\ttab", '6"'}
    assert "u9" in dataset.field2id_token["user_id"]


def test_a_quote_in_the_last_line_without_an_end_is_refused(own_folder):
    with pytest.raises(recbole_fn.InputError, match="in line 32 "):
        dataset_of(own_folder, '"')


def test_another_separator(own_folder):
    (own_folder / "data" / "own").mkdir(parents=True)
    content = (HEAD + ROWS + '"u9\ti1\t1\n').replace("\t", ",")
    (own_folder / "data" / "own" / "own.inter").write_text(content)
    keys = {**SMALL, **ON, "data_path": "data", "field_separator": ","}
    with pytest.raises(recbole_fn.InputError, match="in line 32 "):
        recbole_fn.run_recbole_fn("SASRec", "own", None, keys)
