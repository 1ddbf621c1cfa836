"""What `import recbole_fn` offers, and that it costs nothing before it is used."""

import subprocess
import sys

import pytest

_CODE = """
import sys
import recbole_fn

early = {"torch", "recbole", "ray", "pandas"} & set(sys.modules)
found = [getattr(recbole_fn, name) for name in recbole_fn.__all__]
found += [recbole_fn.tune.tune, recbole_fn.report.write_report]
print(sorted(early), len(found) == len(recbole_fn.__all__) + 2, "ray" in sys.modules)
"""


@pytest.mark.slow
def test_public_names_are_imported_when_they_are_first_used(root):
    done = subprocess.run([sys.executable, "-c", _CODE], cwd=root, capture_output=True, text=True)
    assert done.stdout.split("\n")[0] == "[] True False", done.stderr


def test_an_unknown_name_is_an_attribute_error():
    import recbole_fn

    with pytest.raises(AttributeError, match="'recbole_fn' has no attribute 'comapre'"):
        recbole_fn.comapre()
