"""Installs recbole_fn with its property files and a set of packages that works together."""

import runpy
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
PACKAGES = runpy.run_path(str(HERE / "recbole_fn" / "environment" / "packages.py"))
EXTRAS = {name: list(packages) for name, packages in PACKAGES["EXTRAS"].items()}
TEST = [
    *(package for packages in EXTRAS.values() for package in packages),
    "coverage",
    "httpx",
    "hypothesis",
    "import-linter",
    "mypy",
    "pandas-stubs<3",
    "pytest",
    "pytest-xdist",
    "ruff",
    "types-PyYAML",
    "types-setuptools",
    "types-tqdm",
]

DOCS = ["furo", "matplotlib", "myst-parser>=3", "sphinx>=7.4"]

setup(
    name="recbole_fn",
    version="0.1.0",
    description="False-negative extraction for the sequential recommenders of RecBole",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="MIT",
    python_requires=">=3.10,<3.12",
    packages=[*find_packages(include=["recbole_fn", "recbole_fn.*"]), "recbole_fn.properties"],
    package_dir={"recbole_fn.properties": "properties"},
    package_data={
        "recbole_fn.properties": ["*.yaml", "*/*.yaml"],
        "recbole_fn": ["environment/newer.txt", "py.typed", "*/templates/*.html"],
    },
    install_requires=list(PACKAGES["REQUIREMENTS"]),
    extras_require={
        **EXTRAS,
        "test": TEST,
        "docs": DOCS,
        "optuna": ["optuna<5"],
        "hyperopt": ["hyperopt"],
    },
    entry_points={"console_scripts": ["recbole_fn=recbole_fn.cli:main"]},
)
