"""Functions are short; public ones and classes have an example; foreign words have a reason."""

import ast
import functools
import re
from collections import Counter
from pathlib import Path

import recbole_fn

PACKAGE = Path(recbole_fn.__file__).parent
_MOST_LINES = 24
# Examples that no doctest runs, by room: one needs a clone of the authors' code, one serves until
# its process is asked to stop, one is for Ray to call, and one is of a log that pytest takes over.
# A new one must have a reason; one that runs is better.
_NOT_RUN = {"benchmark": 1, "hooks": 1, "serving": 1, "tune": 1}


def _functions(tree):
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return (node for node in ast.walk(tree) if isinstance(node, kinds))


def _body_lines(function):
    """The lines below the docstring, or below the signature where there is none."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if not body:
        return 0
    decorators = getattr(body[0], "decorator_list", [])
    return body[-1].end_lineno - min(node.lineno for node in (body[0], *decorators)) + 1


@functools.cache
def _trees():
    paths = sorted(PACKAGE.rglob("*.py"))
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


def test_lines_of_a_body_are_counted_without_its_docstring():
    text = (
        'def f():\n    """Says.\n\n    More.\n    """\n    a = (\n        1\n    )\n    return a\n'
    )
    assert _body_lines(ast.parse(text).body[0]) == 4
    assert _body_lines(ast.parse('def f():\n    """Says."""').body[0]) == 0


def test_no_function_is_longer_than_one_sees():
    lengths = {
        f"{path}: {function.name}": _body_lines(function)
        for path, tree in _trees()
        for function in _functions(tree)
    }
    assert {name: size for name, size in lengths.items() if size > _MOST_LINES} == {}


def test_each_public_class_and_function_has_an_example():
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    public = {
        f"{path}: {node.name}": ast.get_docstring(node) or ""
        for path, tree in _trees()
        for node in tree.body
        if isinstance(node, kinds) and not node.name.startswith("_")
    }
    assert len(public) > 900  # else the test reads nothing
    lacking = [name for name, text in public.items() if not re.search("^Examples?:", text, re.M)]
    assert lacking == []


def test_examples_that_do_not_run_are_those_that_are_known():
    counts = Counter()
    for path in PACKAGE.rglob("*.py"):
        room = path.relative_to(PACKAGE).parts[0]
        counts[room] += len(re.findall("::$", path.read_text(encoding="utf-8"), re.M))
    assert {room: number for room, number in counts.items() if number} == _NOT_RUN


def _quotes(handler):
    """Whether an error is raised in a handler whose words are those of the one that is caught."""
    raised = [node for node in ast.walk(handler) if isinstance(node, ast.Raise) and node.exc]
    causes = {node.cause for node in raised}
    names = [node for node in ast.walk(handler) if isinstance(node, ast.Name)]
    read = [node for node in names if node.id == handler.name and node not in causes]
    return bool(raised and read)


def test_a_handler_quotes_what_it_reads_beside_the_cause():
    text = "try: f()\nexcept E as error:\n    raise InputError({}) from error"
    quoted = [ast.parse(text.format(words)).body[0].handlers[0] for words in ("f'{error}'", "'a'")]
    assert [_quotes(handler) for handler in quoted] == [True, False]


def test_each_error_that_quotes_a_foreign_one_says_why():
    lacking = []
    for path, tree in _trees():
        lines = path.read_text(encoding="utf-8").splitlines()
        for handler in ast.walk(tree):
            if isinstance(handler, ast.ExceptHandler) and handler.name and _quotes(handler):
                place = lines[handler.lineno - 1 : handler.body[-1].end_lineno]
                above = lines[handler.lineno - 2].lstrip().startswith("# ")
                if not above and not any(re.search(r"(^|\s)# ", line) for line in place):
                    lacking.append(f"{path}:{handler.lineno}")
    assert lacking == []
