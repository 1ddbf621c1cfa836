"""Marks log records as details, which a run shows in full only where RecBole's log is asked for."""

DETAIL = {"fn_detail": True}
"""Pass it as `extra`: `logger.info(text, extra=DETAIL)`. With `fn_log_style: table` the record is
logged at DEBUG, like RecBole's own records at INFO; else at INFO."""
