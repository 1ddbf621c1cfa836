from recbole_fn.losses.base import CandidateLoss
from recbole_fn.model.own_loss import OwnLoss
class ModelLoss(CandidateLoss):
    name = "model"; is_relative = True
    def __init__(self, c, a):
        super().__init__(c, a); self.o = OwnLoss(c.model, c.label_field, c.num_items); self.require_leaving_out = self.o.require_leaving_out
    def weighted_mean(self, l, y, v): raise NotImplementedError
    def of(self, scored, labelled):
        drop = (labelled.labels[scored.rows, scored.columns] == 0).all() and len(scored.rows) > 0
        return self.o(scored, labelled.labels, labelled.valid if drop else None), len(scored.logits)
