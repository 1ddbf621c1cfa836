"""A comparison as one HTML page that needs no network; it reads the output folder alone.

`reading` reads the folder; `curves`, `extraction`, `group_lift`, `coverage`, `paired_differences`
and `examples` turn results into figures and tables; `page` puts them together, and `writing`
writes the files. Training does not import this package.
"""

from recbole_fn.report.writing import write_report

__all__ = ["write_report"]
