"""The box in other sites' pages: what is copied, where it posts, and that it is no way around anything."""

import re
from html import unescape

from digest.model.subscriber import SubscriptionState
from digest.web.forms import HONEYPOT
from tests.web.conftest import BASE_URL, Site

ANN = "ann@example.org"


def snippet(site: Site, page: str = "/lists/weekly/embed") -> str:
    return unescape(site.client.get(page).text.partition("<code>")[2].partition("</code>")[0])


def fields(html: str) -> dict[str, str]:
    """The hidden fields of a form."""
    return dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', html))


def test_the_box_says_what_the_page_of_the_article_says(site: Site) -> None:
    box = snippet(site)
    assert "Get email updates from The Weekly" in box
    assert "Sign up for our weekly newsletter" in box
    assert f'action="{BASE_URL}/lists/weekly/embed' in box
    assert "style=" not in box
    assert "<style" not in box
    assert not re.search(r"\son\w+=", box)
    assert set(re.findall(r'class="([^"]*)"', box)) == {
        f"digest-sign-up{part}" for part in ("", "-title", "-text", "-fields", "-answer")
    }


def test_a_box_for_several_lists_has_them_all(site: Site) -> None:
    site.add_list("evening", "The <Evening>")
    box = snippet(site, "/embed")
    assert re.findall(r'name="list" value="(\w+)"', box) == ["evening", "weekly"]
    assert "The &lt;Evening&gt;" in box
    assert f'action="{BASE_URL}/embed' in box


def test_its_files_may_be_loaded_by_other_sites_and_ours_may_not(site: Site) -> None:
    for name in ("embed.js", "embed.css"):
        file = site.client.get(f"/static/{name}")
        assert file.headers["cross-origin-resource-policy"] == "cross-origin"
        assert "immutable" not in file.headers["cache-control"]  # its address has no version
        assert "immutable" in site.client.get(f"/static/{name}?1").headers["cache-control"]
        assert len(file.content) < 8_000
    assert site.client.get("/static/site.css").headers["cross-origin-resource-policy"] == "same-origin"


def test_what_the_box_posts_changes_nothing_and_leads_to_one_button(site: Site) -> None:
    before = site.dump()
    page = site.client.post("/lists/weekly/embed", data={"email": ANN, "list": "weekly", HONEYPOT: ""})
    assert page.status_code == 200
    assert page.text.count("<button") == 1
    assert ANN in page.text
    assert site.dump() == before
    site.world.clock.forward(seconds=1.5)
    assert "Check your inbox" in site.client.post("/lists/weekly", data=fields(page.text)).text
    assert site.state(ANN) is SubscriptionState.PENDING


def test_a_box_of_several_lists_leads_to_them(site: Site) -> None:
    site.add_list("evening", "The Evening")
    page = site.client.post("/embed", data={"email": ANN, "list": ["weekly", "evening"]})
    assert re.findall(r'type="hidden" name="list" value="(\w+)"', page.text) == ["evening", "weekly"]
    nothing = site.client.post("/embed", data={"email": ANN, "list": "nope"})
    assert 'type="checkbox"' in nothing.text


def test_a_page_of_another_site_cannot_press_the_button(site: Site) -> None:
    """Else its visitors, each from a network of their own, would sign up whomever it likes."""
    values = {"email": ANN, "stamp": site.stamp("/lists/weekly"), "list": "weekly"}
    site.world.clock.forward(seconds=3)
    for origin in ("cross-site", "same-site"):
        for path in ("/lists/weekly", "/subscribe"):
            page = site.client.post(path, data=values, headers={"Sec-Fetch-Site": origin})
            assert "One more press" in page.text
    assert site.state(ANN) is None
    site.client.post("/lists/weekly", data=values, headers={"Sec-Fetch-Site": "same-origin"})
    assert site.state(ANN) is SubscriptionState.PENDING


def test_the_button_has_its_own_stamp_and_time(site: Site) -> None:
    pressed = fields(site.client.post("/lists/weekly/embed", data={"email": ANN}).text)
    assert "very quick" in site.client.post("/lists/weekly", data=pressed).text
    site.world.clock.forward(seconds=1.5)
    stolen = {"email": ANN, "stamp": pressed["stamp"]}  # as if typed in the form itself
    assert site.client.post("/lists/weekly", data=stolen).status_code == 422
    assert site.client.post("/subscribe", data=pressed).status_code == 422  # of another page
    assert site.state(ANN) is None


def test_a_machine_that_fills_in_the_box_s_hidden_field_is_told_what_all_are(site: Site) -> None:
    told = site.client.post("/lists/weekly/embed", data={"email": ANN, HONEYPOT: "x"})
    assert told.text == site.sign_up("bob@example.org")
    assert site.state(ANN) is None


def test_a_wrong_address_leads_to_the_form(site: Site) -> None:
    page = site.client.post("/lists/weekly/embed", data={"email": "<b>ann"})
    assert page.status_code == 422
    assert 'value="&lt;b&gt;ann"' in page.text


def test_only_the_sign_up_and_its_puzzle_may_be_asked_by_other_sites_scripts(site: Site) -> None:
    for path in ("/api/challenge", "/api/subscribe"):
        for method in ("GET", "POST", "OPTIONS", "PUT"):
            answer = site.client.request(method, path, headers={"Origin": "https://elsewhere.example"})
            assert answer.headers["access-control-allow-origin"] == "*"
            assert "access-control-allow-credentials" not in answer.headers
    preflight = site.client.options("/api/subscribe", headers={"Access-Control-Request-Method": "POST"})
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-headers"] == "Content-Type"
    for path in ("/", "/lists/weekly", "/embed", "/healthz", "/api/openapi.json", "/static/embed.js", "/c/x"):
        assert "access-control-allow-origin" not in site.client.get(path).headers
