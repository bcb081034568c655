"""Reads our documents: their tables, headings, links and console blocks."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def documents() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def sections(path: Path) -> dict[str, str]:
    """Heading → the text under it, up to the next heading."""
    parts = re.split(r"^#{2,6} +(.+)$", _FENCE.sub("", read(path)), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(text: str) -> list[list[str]]:
    """The cells of a text's tables, without their headers."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rules = {number for number, line in enumerate(lines) if not line.strip("|-: ")}
    body = [line for number, line in enumerate(lines) if number not in rules and number + 1 not in rules]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in body]


def code(cell: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", cell)


def console_lines(path: Path) -> Iterator[str]:
    """What a reader is asked to type: the lines after `$` in blocks marked console, continued lines joined."""
    for language, block in _FENCE.findall(read(path)):
        if language == "console":
            lines = block.replace("\\\n", " ").splitlines()
            yield from (line.removeprefix("$ ") for line in lines if line.startswith("$ "))


def links(path: Path) -> list[str]:
    """Targets of links and pictures that are not on the web."""
    targets = re.findall(r"\]\(([^)\s]+)\)|(?:src|href|srcset)=\"([^\"]+)\"", _FENCE.sub("", read(path)))
    return [
        target
        for pair in targets
        for target in pair
        if target and "://" not in target and not target.startswith("mailto:")
    ]
