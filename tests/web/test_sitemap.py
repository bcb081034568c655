"""What search engines are told, and what they are not."""

from lxml import etree

from digest.model.mailing_list import Archive
from tests.web.conftest import Site
from tests.web.newsroom import publish_week, set_archive

NAMESPACES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def addresses(site: Site) -> dict[str, str]:
    response = site.client.get("/sitemap.xml")
    assert response.headers["content-type"] == "application/xml; charset=utf-8"
    root = etree.fromstring(response.content)
    assert root.tag == f"{{{NAMESPACES['s']}}}urlset"
    pages = root.xpath("s:url", namespaces=NAMESPACES)
    return {
        page.findtext("s:loc", namespaces=NAMESPACES): page.findtext("s:lastmod", "", namespaces=NAMESPACES)
        for page in pages
    }


def test_every_public_page_is_named(each_site: Site) -> None:
    publish_week(each_site.world, 0)
    publish_week(each_site.world, 1)
    base = "https://news.example.org"
    assert addresses(each_site) == {
        f"{base}/": "",
        f"{base}/lists/weekly": "",
        f"{base}/lists/weekly/archive": "2026-11-30T09:00:00Z",
        f"{base}/lists/weekly/issues/2": "2026-11-30T09:00:00Z",
        f"{base}/lists/weekly/issues/1": "2026-11-23T09:00:00Z",
    }


def test_what_search_engines_are_to_leave_out_is_not_named(site: Site) -> None:
    publish_week(site.world, 0)
    for archive in (Archive.NOINDEX, Archive.UNLISTED, Archive.OFF):
        set_archive(site.world, archive)
        assert list(addresses(site)) == ["https://news.example.org/", "https://news.example.org/lists/weekly"]


def test_robots_are_told_of_it_and_forbidden_nothing(site: Site) -> None:
    response = site.client.get("/robots.txt", headers={"Host": "evil.example"})
    assert response.text == "User-agent: *\nDisallow:\n\nSitemap: https://news.example.org/sitemap.xml\n"
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


def test_they_are_sent_once(site: Site) -> None:
    for path in ("/sitemap.xml", "/robots.txt"):
        etag = site.client.get(path).headers["etag"]
        assert site.client.get(path, headers={"If-None-Match": etag}).status_code == 304
