"""What RecBole evaluates is a literal or a word; both have RecBole's own values."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recbole.config import Config
from recbole.trainer import HyperTuning

import recbole_fn
from recbole_fn.hooks.file_keys import keys_of_files
from recbole_fn.hooks.safe_values import convert_config_dict, require_literal_choices
from tests.cli.test_dispatch import refused

EVALUATE = Config._convert_config_dict
LITERALS = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(),
        st.binary(max_size=4),
        st.complex_numbers(allow_nan=False, allow_infinity=False),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
    ),
    max_leaves=8,
)
WORDS = (
    *("SASRec", "ml-100k", "amazon-beauty", "data/my-set", "./data", "/data/x", "saved/a.b.pth"),
    *("fn.yaml", "a.yaml b.yaml", "true", "FALSE", "[Recall,MRR]", "[0,inf)", "data(1)", "x[0]"),
    *("名前", "a b", "it's", "", " ", "~", "-", "--", "a:b", "C:\\data", "1e-3", " 7", "0,1"),
    "007",
    *("1_000", "inf", "nan", "-x", "a=b", "a if b else c", "os", "max", "os.path", "Config", "..."),
    *("InputType.PAIRWISE", "general_arguments", "1is", "a@b", "a<b", "not a", "{[]: 1}", "set()"),
)
CODE = (
    *("__import__('os').system('touch made')", "open('made', 'w')"),
    "[open('made', 'w') for _ in '1']",
    *("(lambda: open('made', 'w'))()", "64*2", "1/2", "2**3**4**5", "os.system('touch made')"),
    *("[print(1), 2]", "sys.exit()", "(x := 1)", "f'{1}'", "os.environ['HOME']", "'a'.upper()"),
    *("{k: open('made', 'w') for k in unknown}", "__builtins__['open']('made', 'w')"),
    "-" * 9999 + "1",
)


def read(text):
    return convert_config_dict(EVALUATE, None, {"key": text})["key"]


def same(one, other):
    return type(one) is type(other) and (one == other or repr(one) == repr(other))


@pytest.mark.slow
@given(LITERALS.map(repr))
@settings(max_examples=500, deadline=None)
def test_a_literal_has_the_value_that_recbole_gives_it(text):
    assert same(read(text), EVALUATE(None, {"key": text})["key"])


@pytest.mark.parametrize("text", WORDS)
def test_a_word_has_the_value_that_recbole_gives_it(text):
    assert same(read(text), EVALUATE(None, {"key": text})["key"])


@pytest.mark.slow
@given(st.text(alphabet="ab1.-/_,:[](){}'\" \n\\é=+*", max_size=12))
@settings(max_examples=1000, deadline=None)
def test_any_text_has_recboles_value_or_is_refused(text):
    try:
        value = read(text)
    except recbole_fn.InputError:
        return
    try:
        expected = EVALUATE(None, {"key": text})["key"]
    except Exception:  # RecBole ends with an error of Python, such as that of `{}.a/b`
        expected = text
    assert same(value, expected)


@pytest.mark.parametrize("text", CODE)
def test_code_is_refused_and_not_run(text, own_folder):
    with pytest.raises(recbole_fn.InputError, match="key is "):
        read(text)
    assert not list(own_folder.iterdir())


def test_values_that_are_no_strings_and_their_order_are_kept():
    keys = {"b": 3, "a": "x/y", "c": [math.pi], "d": "7"}
    assert list(convert_config_dict(EVALUATE, None, keys).items()) == [
        *(("b", 3), ("a", "x/y"), ("c", [math.pi]), ("d", 7))
    ]


@pytest.mark.parametrize("subcommand", ["train", "compare"])
def test_the_command_line_runs_no_code(subcommand, own_folder):
    line = refused(subcommand, "--hidden_size=__import__('os').system('touch made')")
    assert "hidden_size is" in line and "an expression; it must be a literal" in line
    assert not (own_folder / "made").exists()


def test_a_dictionary_in_python_runs_no_code(own_folder):
    with pytest.raises(recbole_fn.InputError, match="hidden_size is"):
        recbole_fn.run_recbole_fn("SASRec", "ml-100k", None, {"hidden_size": CODE[0]})
    assert not list(own_folder.iterdir())


@pytest.mark.parametrize(
    "value",
    [
        "!!python/name:os.system",
        "!!python/object/apply:os.system ['touch made']",
        "[1, {a: !!python/name:os.system ''}]",
        "!!python/object/new:os.system ['touch made']",
        "!!python/module:os",
    ],
)
def test_a_property_file_names_no_objects(value, own_folder):
    (own_folder / "own.yaml").write_text(f"learner: {value}\n")
    with pytest.raises(recbole_fn.InputError, match=r"own.yaml' has the tag '!!python/"):
        keys_of_files(["own.yaml"])
    assert not (own_folder / "made").exists()


def test_a_property_files_strings_stay_strings(own_folder):
    (own_folder / "own.yaml").write_text(f'note: "{CODE[0]}"\n')
    assert keys_of_files(["own.yaml"]) == {"note": CODE[0]}


def test_the_teacher_that_recbole_evaluates_is_a_name(own_folder):
    recbole_fn.register()
    (own_folder / "own.yaml").write_text("teacher: open('made', 'w')\n")
    with pytest.raises(recbole_fn.InputError, match="teacher is .*must be the name of a class"):
        Config("KD_DAGFM", "ml-100k", ["own.yaml"])
    (own_folder / "own.yaml").write_text("teacher: KD_DAGFM\n")
    assert Config("KD_DAGFM", "ml-100k", ["own.yaml"])["teacher"] == "KD_DAGFM"


def test_choices_of_a_tuning_file_are_literals(own_folder):
    recbole_fn.register()
    (own_folder / "good.hyper").write_text("learning_rate choice [0.1, 0.2]\nd uniform 0,1\n")
    (own_folder / "bad.hyper").write_text("learning_rate choice [open('made','w')]\n")
    with pytest.raises(recbole_fn.InputError, match=r"learning_rate in 'bad.hyper' is choice"):
        HyperTuning._build_space_from_file("bad.hyper")
    assert not (own_folder / "made").exists()
    assert require_literal_choices(lambda file: f"{file} read", "good.hyper") == "good.hyper read"
