from dataclasses import dataclass
from recbole_fn.components import argument
from recbole_fn.domains import FRACTION
from recbole_fn.losses.base import CandidateLoss
from recbole_fn.losses.model_loss import ModelLoss
from recbole_fn.model import losses as o
class Bce(CandidateLoss):
    name = "bce"
    def weighted_mean(self, l, y, v): return o.bce_loss(l, y, v), o.bce_denominator(y, v)
class Gbce(CandidateLoss):
    name = "gbce"
    @dataclass(frozen=True)
    class Args:
        t: float = argument(0.75, FRACTION, "c", key="fn_gbce_t")
    def weighted_mean(self, l, y, v):
        w = o.gbce_weight(self.context.neg_num, self.context.num_items - 1, self.args.t)
        return o.bce_loss(l, y, v, w), o.bce_denominator(y, v)
class Bpr(CandidateLoss):
    name = "bpr"; is_relative = True
    def weighted_mean(self, l, y, v): return o.bpr_loss(l, y, v), o.bpr_denominator(y, v)
class Softmax(CandidateLoss):
    name = "softmax"; is_relative = True; normalises = True
    def weighted_mean(self, l, y, v): return o.softmax_loss(l, y, v), o.softmax_denominator(y, v)
LOSSES = (Bce, Gbce, Bpr, Softmax, ModelLoss)
