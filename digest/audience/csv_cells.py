"""One cell of a CSV that spreadsheets open: what they would take for a formula is written with an apostrophe before it (security S25)."""

_FORMULA = tuple("=+-@\t\r\n＝＋－＠'")  # an apostrophe too: else one that was there would be lost in reading


def write_cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def read_cell(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text
