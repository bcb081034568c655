"""Readers from files of other services, tables, and our own exports. Whoever left or is suppressed is never brought back.

    files ─parts─▶ tables ─recognise─▶ columns ─rows, people─▶ a person each, or why not ─judge─▶ what becomes of them

    examine    a dry run: the report, and nothing is changed
    apply      the same, and done: a transaction for each batch; safe twice, and after a kill
    undo       what an import made is taken back, but for what readers have done since

A source is one file in `sources/`: a table of its columns. Files are binary streams, progress is told to a callback.
"""

from digest.audience.imports.apply import apply
from digest.audience.imports.examine import examine
from digest.audience.imports.parts import File, open_file
from digest.audience.imports.plan import Plan, Progress, Remark, Report
from digest.audience.imports.recognise import read_mapping
from digest.audience.imports.undo import Undone, undo

__all__ = [
    "File",
    "Plan",
    "Progress",
    "Remark",
    "Report",
    "Undone",
    "apply",
    "examine",
    "open_file",
    "read_mapping",
    "undo",
]
