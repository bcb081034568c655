"""A picture as digest keeps and serves it: our own renditions of what stands behind a link."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from digest.model.feed import Picture

WIDE = 1056  # pixels: the column of a mail (528) on a screen with two for one
THUMB = (264, 198)  # 4:3, shown at half of it
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png"}


class PictureWay(StrEnum):
    """How the pictures of an issue reach its readers."""

    LINK = "link"  # the mail links to them where they are
    STORED = "stored"  # the mail links to our renditions, which `digest web` serves
    EMBEDDED = "embedded"  # the mail carries our renditions, as many as it has room for; the rest is as for "stored"


@dataclass(frozen=True, slots=True)
class Rendition:
    """Upright, in sRGB, without metadata, in one of two sizes. Its name is its content's: it never changes."""

    content: bytes
    media_type: str  # image/jpeg or image/png
    width: int  # pixels
    height: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class KeptPicture:
    """Both renditions of one picture."""

    wide: Rendition  # fills the column of a mail on a screen with two pixels for one
    thumb: Rendition  # 4:3, for beside a headline


@dataclass(frozen=True, slots=True)
class MissingPicture:
    """It cannot be had, and why, in a clause. `worthless`: it is no picture but an icon or a pixel that counts readers."""

    reason: str
    worthless: bool = False


@dataclass(frozen=True, slots=True)
class PagePicture:
    """What an article's page names as its picture (og:image); None when it names none, or could not be read for a `reason`."""

    picture: Picture | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ServedPicture:
    """Under which names we serve the renditions of a picture, and the size of the wide one."""

    wide: str
    thumb: str
    width: int  # pixels
    height: int


PictureOutcome = KeptPicture | MissingPicture


def file_name(sha256: str, media_type: str) -> str:
    """Under which it is served."""
    return f"{sha256}.{EXTENSIONS[media_type]}"
