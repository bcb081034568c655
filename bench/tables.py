"""Tables for the terminal and for Markdown: words to the left, figures to the right."""

Rows = list[list[str]]  # the first one is the head

_FIRST = 52  # characters, so that tables stand below each other


def aligned(rows: Rows) -> str:
    bare = [[cell.replace("**", "") for cell in row] for row in rows]
    widths = [max(len(row[at]) for row in bare) for at in range(len(rows[0]))]
    widths[0] = max(widths[0], _FIRST)
    return "".join("  ".join(map(_place, row, widths, range(len(row)), [rows[0]] * len(row))) + "\n" for row in bare)


def _place(cell: str, width: int, at: int, head: list[str]) -> str:
    return cell.ljust(width) if _is_words(at, head) else cell.rjust(width)


def piped(rows: Rows) -> str:
    head, *rest = rows
    rule = ["---" if _is_words(at, head) else "---:" for at in range(len(head))]
    return "".join(f"| {' | '.join(row)} |\n" for row in [head, rule, *rest])


def _is_words(at: int, head: list[str]) -> bool:
    """The first column, and one without a name."""
    return at == 0 or not head[at]
