"""Whether an asker has it already: RFC 9110 §13, without any page."""

from datetime import UTC, datetime

import pytest
from fastapi import Request

from digest.web.caching import PUBLIC, answer_cached

CHANGED = datetime(2026, 11, 23, 9, 0, 0, 500_000, tzinfo=UTC)
AT = "Mon, 23 Nov 2026 09:00:00 GMT"
BEFORE = "Mon, 23 Nov 2026 08:59:59 GMT"
HEADERS = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": PUBLIC, "Vary": "Accept-Language"}


def ask(
    body: bytes = b"words", changed: datetime | None = CHANGED, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    scope = {
        "type": "http",
        "method": "GET",
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }
    response = answer_cached(Request(scope), body, HEADERS, modified_at=changed)
    return response.status_code, dict(response.headers), bytes(response.body)


ETAG = ask()[1]["etag"]


def test_the_whole_has_what_one_asks_by() -> None:
    status, headers, body = ask()
    assert (status, body) == (200, b"words")
    assert headers["last-modified"] == AT
    assert headers["etag"].startswith('"')
    assert headers["content-length"] == "5"
    assert ask(b"other words")[1]["etag"] != ETAG


@pytest.mark.parametrize("known", [ETAG, f"W/{ETAG}", f'"x", {ETAG}', f'"x",W/{ETAG} , "y"', "*"])
def test_who_has_it_is_told_so_with_the_same_headers(known: str) -> None:
    status, headers, body = ask(if_none_match=known)
    assert (status, body) == (304, b"")
    assert {name: headers[name] for name in ("etag", "cache-control", "vary", "last-modified")} == {
        "etag": ETAG,
        "cache-control": PUBLIC,
        "vary": "Accept-Language",
        "last-modified": AT,
    }
    assert "content-length" not in headers
    assert "content-type" not in headers


@pytest.mark.parametrize("known", ['"x"', "", ETAG.strip('"'), 'W/"x"'])
def test_who_has_another_gets_it_and_its_date_counts_for_nothing(known: str) -> None:
    assert ask(if_none_match=known, if_modified_since=AT)[0] == 200


@pytest.mark.parametrize(
    ("since", "status"),
    [
        (AT, 304),
        (BEFORE, 200),
        ("Tue, 24 Nov 2026 09:00:00 GMT", 304),
        ("yesterday", 200),
        ("", 200),
        ("Mon, 99 Nov 2026 09:00:00 GMT", 200),
        ("Mon, 23 Nov 2026 09:00:00 -0000", 304),
    ],
)
def test_by_date(since: str, status: int) -> None:
    assert ask(if_modified_since=since)[0] == status


def test_what_has_no_date_is_never_old_by_date() -> None:
    assert ask(changed=None, if_modified_since=AT)[0] == 200
    assert "last-modified" not in ask(changed=None)[1]
