"""What is planned is trained once, in order."""

from pathlib import Path

from recbole_fn.simulation.measurement import NEVER, Plan


def test_values_in_any_order_and_repeated_are_trained_once_and_in_order():
    plan = Plan(Path("world"), "SASRec", (), epochs=1, ms=(5, 2, 5, 10), neg_nums=(100, 20, 100))
    assert list(plan.trainings()) == [
        training
        for number in (20, 100)
        for training in [
            ("counts", number, NEVER, [2, 5, 10]),
            *(("flip", number, m, [m]) for m in (2, 5, 10)),
        ]
    ]
