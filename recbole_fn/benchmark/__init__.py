"""What training costs: beside RecBole, beside the authors' code, and as the data grow.

`python -m recbole_fn.benchmark --help` says how to run it.
"""
