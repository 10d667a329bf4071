"""The report: one self-contained HTML page on every monitor, from public relations only."""

from jobs.report.page import build_report, write_report

__all__ = ["build_report", "write_report"]
