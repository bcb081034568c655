"""A web server with invented feeds, in a process of its own: `python -m bench.newsstand` prints its port and serves.

Every feed has fifty entries. `/turn/2` makes it serve the second edition, in which each has one new entry at its top.
"""

import http.client
from email.utils import format_datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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


class _Server(ThreadingHTTPServer):
    request_queue_size = 64
    edition = 1


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        if self.path.startswith("/turn/"):
            self.server.edition = int(self.path.rpartition("/")[2])
            self._answer(204)
            return
        number = int(self.path.strip("/").removesuffix(".xml"))
        mark = etag(number, self.server.edition)
        if self.headers.get("If-None-Match") == mark:
            self._answer(304, mark)
        else:
            self._answer(200, mark, feed_bytes(number, self.server.edition))

    def log_message(self, *_words: object) -> None:
        """Silent."""

    def _answer(self, status: int, mark: str = "", body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        if mark:
            self.send_header("ETag", mark)
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    end_with_parent()
    server = _Server(("127.0.0.1", 0), _Handler)
    print(server.server_port, flush=True)

    server.serve_forever()
