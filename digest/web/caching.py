"""What browsers, feed readers and caches on the way may keep, and how they ask whether it is still right (RFC 9110 §13, RFC 9111)."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from fastapi import Request
from fastapi.responses import Response

#: For everybody, and the same for everybody: it may be five minutes old.
PUBLIC = "public, max-age=300"
#: One reader's: no cache on the way may keep it, and their own feed reader asks each time.
OWN = "private, no-cache"


def answer_cached(
    request: Request,
    body: bytes,
    headers: Mapping[str, str],
    *,
    modified_at: datetime | None = None,
) -> Response:
    """The whole, or 304 with the same headers when the asker has it. `headers` names the Content-Type and the Cache-Control."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    kept = {**headers, "ETag": etag}
    if modified_at is not None:
        kept["Last-Modified"] = format_datetime(modified_at.astimezone(UTC), usegmt=True)
    if _has_it(request, etag, modified_at):
        return Response(status_code=304, headers={name: kept[name] for name in kept if name != "Content-Type"})
    return Response(body, headers=kept)


def _has_it(request: Request, etag: str, modified_at: datetime | None) -> bool:
    known = request.headers.get("if-none-match")
    if known is not None:  # then If-Modified-Since is not looked at (RFC 9110 §13.2.2)
        return known.strip() == "*" or etag in (each.strip().removeprefix("W/") for each in known.split(","))
    since = _read_date(request.headers.get("if-modified-since", ""))
    return since is not None and modified_at is not None and modified_at < since + timedelta(seconds=1)


def _read_date(text: str) -> datetime | None:
    """None for what is no date."""
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
