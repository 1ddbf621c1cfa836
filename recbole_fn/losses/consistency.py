from recbole_fn.model.objective import consistency_loss as _c
def consistency_loss(a, b): return _c(a, b), len(a)
