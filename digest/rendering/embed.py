"""Pictures that a mail carries with it: multipart/related around the HTML part (RFC 2387), found by Content-ID (RFC 2392).

The first in the mail come first, as long as they fit; the rest stays a link. The same pictures always give the same bytes.
"""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from digest.model.picture import Rendition, file_name

MAX_EMBEDDED = 300_000  # bytes of pictures in one mail; base64 makes a third more of them
_SOURCE = re.compile(r'(?<=\ssrc=")[^"]*(?=")')
_LINE = 57  # bytes, which are 76 characters of base64


@dataclass(frozen=True, slots=True)
class Embedded:
    """One picture in a mail."""

    content_id: str  # without angle brackets
    rendition: Rendition


def embed(html: str, renditions: Mapping[str, Rendition], domain: str) -> tuple[str, tuple[Embedded, ...]]:
    """The HTML with `cid:` for the addresses of what the mail carries, and what that is. `domain` makes ids unique."""
    chosen = dict(_choose(_SOURCE.findall(html), renditions, domain))

    def point(match: re.Match[str]) -> str:
        return f"cid:{chosen[match[0]].content_id}" if match[0] in chosen else match[0]

    return _SOURCE.sub(point, html), tuple(chosen.values())


def _choose(sources: list[str], renditions: Mapping[str, Rendition], domain: str) -> Iterator[tuple[str, Embedded]]:
    room = MAX_EMBEDDED
    for source in dict.fromkeys(sources):
        rendition = renditions.get(source)
        if rendition and len(rendition.content) <= room:
            room -= len(rendition.content)
            yield source, Embedded(f"{rendition.sha256[:32]}@{domain}", rendition)


def relate(html_part: bytes, pictures: tuple[Embedded, ...], boundary: str) -> bytes:
    """A body part that holds the HTML part (its fields included) and the pictures."""
    kind = f'Content-Type: multipart/related; type="text/html"; boundary="{boundary}"'
    parts = (html_part, *(_part(number, picture) for number, picture in enumerate(pictures, 1)))
    mark = f"--{boundary}".encode("ascii")
    inner = b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts)
    return kind.encode("ascii") + b"\r\n\r\n" + inner + mark + b"--\r\n"


def _part(number: int, picture: Embedded) -> bytes:
    rendition = picture.rendition
    name = f"picture-{number}.{file_name('', rendition.media_type).removeprefix('.')}"
    fields = (
        f"Content-Type: {rendition.media_type}",
        "Content-Transfer-Encoding: base64",
        f"Content-ID: <{picture.content_id}>",
        f'Content-Disposition: inline; filename="{name}"',
    )
    head = "".join(f"{field}\r\n" for field in fields).encode("ascii")
    return head + b"\r\n" + _wrap(rendition.content)


def _wrap(content: bytes) -> bytes:
    lines = (base64.b64encode(content[start : start + _LINE]) for start in range(0, len(content), _LINE))
    return b"".join(line + b"\r\n" for line in lines)
