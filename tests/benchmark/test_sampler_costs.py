"""Tasks take turns after a warm-up, and each tensor that a sampler holds counts once."""

import torch

from recbole_fn.benchmark.sampler_costs import alternate, costs, held_bytes


def test_tasks_take_turns_and_the_first_round_is_not_measured():
    ran, ticks = [], iter([0, 100, 100, 200, 0, 6, 6, 9])

    def task(name, rows):
        return lambda: ran.append(name) or rows

    times = alternate({"a": task("a", 2), "b": task("b", 1)}, 1, lambda: next(ticks))
    assert ran == ["a", "b", "a", "b"]
    assert times == {"a": [3.0], "b": [3.0]}


def test_a_ratio_is_one_of_medians_and_its_range_is_that_of_rounds():
    uniform, dns = costs({"uniform": [1, 2, 10], "dns": [4, 3, 10]}, {"uniform": 0, "dns": 8})
    assert (uniform.ratio, uniform.lowest, uniform.highest) == (1, 1, 1)
    assert (dns.ratio, dns.lowest, dns.highest, dns.num_bytes) == (2, 1, 4, 8)


class Holder:
    """Holds two views of one tensor, a list with a second one, and something shared."""

    def __init__(self, context):
        table = torch.zeros(6, dtype=torch.int32)
        self.table, self.view, self.context = table, table[2:], context
        self.more = [torch.zeros(3, dtype=torch.float64), self]

    def __call__(self):
        """Objects that can be called count too."""


def test_storages_count_once_and_what_is_shared_does_not():
    context = Holder(None)
    assert held_bytes(context, []) == 24 + 24
    assert held_bytes(Holder(context), [context]) == 24 + 24
    assert held_bytes(Holder(context), []) == 2 * (24 + 24)
