"""In which shape what we keep is handed out."""

from enum import StrEnum


class Shape(StrEnum):
    """How an export is written."""

    CSV = "csv"
    JSONL = "jsonl"
