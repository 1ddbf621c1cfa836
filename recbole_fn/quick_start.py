"""Runs of a few lines, under the names that RecBole's `quick_start` has."""

from recbole_fn.experiment.load import load_data_and_model
from recbole_fn.experiment.processes import run
from recbole_fn.experiment.run import run_recbole_fn

__all__ = ["load_data_and_model", "run", "run_recbole_fn"]
