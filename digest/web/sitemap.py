"""What search engines are told: robots.txt (RFC 9309) and sitemap.xml (sitemaps.org). Only of what everybody may find.

robots.txt forbids nothing: a page that is never looked at cannot say that it wants to be left out, and ours say so themselves.
"""

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response
from lxml import etree

from digest.model.mailing_list import Archive
from digest.store import Transaction
from digest.web.archive import READ
from digest.web.caching import PUBLIC, answer_cached
from digest.web.desk import AtDesk, Desk

routes = APIRouter(include_in_schema=False)

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
MOST = 50_000  # addresses in one sitemap, says sitemaps.org
ISSUES = 40_000  # the newest of all lists; the rest is for lists, of which nobody has ten thousand


@routes.api_route("/robots.txt", methods=READ)
def robots_txt(request: Request, desk: AtDesk) -> Response:
    text = f"User-agent: *\nDisallow:\n\nSitemap: {desk.app.links.base_url}/sitemap.xml\n"
    return answer_cached(request, text.encode(), {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": PUBLIC})


@routes.api_route("/sitemap.xml", methods=READ)
def sitemap_xml(request: Request, desk: AtDesk) -> Response:
    with desk.app.store.read() as tx:
        pages = _pages(desk, tx)
    root = etree.Element(f"{{{SITEMAP}}}urlset", nsmap={None: SITEMAP})
    for url, changed_at in pages[:MOST]:
        _add(root, url, changed_at)
    body = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    headers = {"Content-Type": "application/xml; charset=utf-8", "Cache-Control": PUBLIC}
    return answer_cached(request, body, headers)


def _pages(desk: Desk, tx: Transaction) -> list[tuple[str, datetime | None]]:
    """Each address, and when it changed last where that is known."""
    link = desk.app.links.list_page
    issues = tx.archive.for_search_engines(ISSUES)
    newest = {name: at for name, _, at in reversed(issues)}
    pages: list[tuple[str, datetime | None]] = [(f"{desk.app.links.base_url}/", None)]
    for each in tx.lists.all():
        pages.append((link(each.name), None))
        if each.archive is Archive.PUBLIC:
            pages.append((link(each.name, "archive"), newest.get(each.name)))
    return [*pages, *((link(name, f"issues/{number}"), at) for name, number, at in issues)]


def _add(root: etree._Element, url: str, changed_at: datetime | None) -> None:
    page = etree.SubElement(root, f"{{{SITEMAP}}}url")
    etree.SubElement(page, f"{{{SITEMAP}}}loc").text = url
    if changed_at is not None:
        etree.SubElement(page, f"{{{SITEMAP}}}lastmod").text = f"{changed_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
