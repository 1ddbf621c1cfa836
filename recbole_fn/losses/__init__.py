"""Base losses over a row's candidates, selected by the key `fn_loss`. One loss a file."""

from recbole_fn.losses.base import CandidateLoss
from recbole_fn.losses.bce import BCELoss
from recbole_fn.losses.bpr import BPRLoss
from recbole_fn.losses.contrastive import ContrastiveLoss
from recbole_fn.losses.cross_entropy import CrossEntropyLoss
from recbole_fn.losses.gbce import GBCELoss
from recbole_fn.losses.model_loss import ModelLoss
from recbole_fn.losses.softmax import SoftmaxLoss

LOSSES: tuple[type[CandidateLoss], ...] = (
    BCELoss,
    BPRLoss,
    SoftmaxLoss,
    CrossEntropyLoss,
    ContrastiveLoss,
    GBCELoss,
    ModelLoss,
)

__all__ = [
    "LOSSES",
    "BCELoss",
    "BPRLoss",
    "CandidateLoss",
    "ContrastiveLoss",
    "CrossEntropyLoss",
    "GBCELoss",
    "ModelLoss",
    "SoftmaxLoss",
]
