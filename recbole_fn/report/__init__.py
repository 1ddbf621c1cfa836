"""A comparison as one HTML page that needs no network; it reads the output folder alone.

`reading` reads the folder, `curves`, `extraction`, `gains` and `breadth` each turn findings into
figures, and `page` puts them together. Training does not import this package.
"""

from recbole_fn.report.page import write_report

__all__ = ["write_report"]
