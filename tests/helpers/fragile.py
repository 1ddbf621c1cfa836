"""A model that fails in training as its keys ask."""

import os
import signal
from pathlib import Path

from recbole.model import sequential_recommender

AFTER = 3  # epochs


class SASRec(sequential_recommender.SASRec):
    """RecBole's, and it raises in each try, or is killed once, when the fourth epoch begins."""

    def __init__(self, config, dataset):
        super().__init__(config, dataset)
        self.fails = config["fails"]
        self.killed = Path(config["checkpoint_dir"]) / "killed"

    def train(self, mode=True):
        """Called as each epoch begins, and after each validation."""
        record = self.killed.parent / "record.json"
        if mode and record.is_file() and record.read_text().count('"score"') >= AFTER:
            self._fail()
        return super().train(mode)

    def _fail(self):
        if self.fails == "always":
            raise RuntimeError("as asked")
        if self.fails == "killed" and not self.killed.exists():
            self.killed.touch()
            os.kill(os.getpid(), signal.SIGKILL)
