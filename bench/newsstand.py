"""A web server with invented feeds, in a process of its own: `python -m bench.newsstand` prints its port and serves.

Every feed has fifty entries. `/turn/2` makes it serve the second edition, in which each has one new entry at its top.
"""

import asyncio
import http.client
import re
from email.utils import format_datetime
from functools import cache
from typing import Self

from bench.child import Child, end_with_parent
from bench.world import an_article

ENTRIES = 50


class Newsstand(Child):
    """Starts the server; ends with the `with`."""

    def __init__(self) -> None:
        super().__init__("bench.newsstand")

    def __enter__(self) -> Self:
        super().__enter__()
        return self

    def url(self, number: int) -> str:
        return f"http://127.0.0.1:{self.port}/{number}.xml"

    def turn(self, edition: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("GET", f"/turn/{edition}")
        connection.getresponse().read()
        connection.close()


def etag(number: int, edition: int) -> str:
    return f'"{number}-{edition}"'


@cache
def feed_bytes(number: int, edition: int) -> bytes:
    """RSS 2.0 of about 100 kB."""
    first = number * (ENTRIES + 1)
    shown = range(first + 1, first + 1 + ENTRIES) if edition == 1 else range(first, first + ENTRIES)
    items = "".join(_item(story) for story in shown)
    head = f"<title>The Harbour Post, page {number}</title><link>https://news.example.org/</link><description>News</description>"
    namespace = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" {namespace}><channel>{head}{items}</channel></rss>'.encode()


def _item(number: int) -> str:
    article = an_article(number)
    return (
        f"<item><title>{article.title}</title><link>{article.url}</link><guid>{article.url}</guid>"
        f"<pubDate>{format_datetime(article.published_at)}</pubDate><description>{article.summary}</description>"
        f"<content:encoded><![CDATA[{article.body_html}]]></content:encoded></item>"
    )


class _Conversation(asyncio.Protocol):
    """One request, one answer, and the end: what the server itself costs is little beside what it is asked for."""

    edition = 1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._heard = b""

    def data_received(self, data: bytes) -> None:
        self._heard += data
        if b"\r\n\r\n" in self._heard:
            self._transport.write(_answer(self._heard))
            self._transport.close()


def _answer(asked: bytes) -> bytes:
    path = asked.split(b" ", 2)[1].decode()
    if path.startswith("/turn/"):
        _Conversation.edition = int(path.rpartition("/")[2])
        return _head("204 No Content")
    number = int(path.strip("/").removesuffix(".xml"))
    mark = etag(number, _Conversation.edition)
    if re.search(rb"\r\nif-none-match: *" + re.escape(mark.encode()) + rb"\r\n", asked, re.IGNORECASE):
        return _head("304 Not Modified", mark)
    body = feed_bytes(number, _Conversation.edition)
    return _head("200 OK", mark, len(body)) + body


def _head(status: str, mark: str = "", length: int = 0) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/rss+xml", "Connection: close"]
    lines += [f"ETag: {mark}"] if mark else []
    lines += [f"Content-Length: {length}"] if length else []
    return "\r\n".join([*lines, "", ""]).encode()


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Conversation, "127.0.0.1", 0, backlog=64)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    end_with_parent()
    asyncio.run(_serve())
