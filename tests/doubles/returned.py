"""Mails that came back, as mail servers write them, about a message of ours."""

from pathlib import Path

FOLDER = Path(__file__).parents[1] / "data" / "returned"
NAMES = sorted(each.stem for each in FOLDER.glob("*.eml"))


def returned(name: str, *, return_path: str = "news@example.org", unsubscribe: str = "https://x.example/u/0") -> bytes:
    text = (FOLDER / f"{name}.eml").read_text("ascii")
    filled = text.replace("@@RETURN_PATH@@", return_path).replace("@@UNSUBSCRIBE@@", unsubscribe)
    return filled.replace("\n", "\r\n").encode("ascii")
