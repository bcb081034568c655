"""Our renditions over HTTP: kept for ever by browsers, harmless in them, and nothing else under any name."""

import pytest

from digest.model.picture import KeptPicture, Rendition
from tests.web.conftest import Site

WIDE = Rendition(b"\xff\xd8 wide", "image/jpeg", 1056, 704)
THUMB = Rendition(b"\x89PNG thumb", "image/png", 264, 198)


def keep(site: Site) -> None:
    with site.world.app.store.write() as tx:
        tx.pictures.keep("https://pictures.example.org/a", KeptPicture(WIDE, THUMB), site.world.clock())


def test_a_picture_is_served_for_good(each_site: Site) -> None:
    keep(each_site)
    for rendition in (WIDE, THUMB):
        path = each_site.path(each_site.world.app.links.picture(rendition))
        response = each_site.client.get(path)
        assert (response.status_code, response.content) == (200, rendition.content)
        assert response.headers["content-type"] == rendition.media_type
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["content-security-policy"].startswith("default-src 'none'")
        assert response.headers["cross-origin-resource-policy"] == "cross-origin"
        assert "set-cookie" not in response.headers
        head = each_site.client.head(path)
        assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize(
    "name",
    [
        f"{WIDE.sha256}.png",
        f"{WIDE.sha256}.svg",
        f"{WIDE.sha256}",
        f"{WIDE.sha256.upper()}.jpg",
        f"{'0' * 64}.jpg",
        f"{WIDE.sha256[:40]}.jpg",
        "%2e%2e%2fsubscribers.db",
        "x" * 4_000,
    ],
)
def test_any_other_name_is_no_page(site: Site, name: str) -> None:
    keep(site)
    response = site.client.get(f"/pictures/{name}")
    assert response.status_code == 404
    assert response.headers.get("cache-control") == "no-store"


def test_nothing_can_be_put_there(site: Site) -> None:
    keep(site)
    path = site.path(site.world.app.links.picture(WIDE))
    assert {site.client.request(method, path).status_code for method in ("POST", "PUT", "DELETE")} == {405}
