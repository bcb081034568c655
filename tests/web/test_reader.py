import re

from digest.model.address import Address
from digest.model.subscriber import SubscriptionState
from tests.web.conftest import Site

ANN = "ann@example.org"


def confirmed(site: Site, email: str = ANN) -> int:
    """The number of a reader who signed up and confirmed."""
    site.sign_up(email)
    site.client.post(f"/c/{site.token()}")
    with site.world.app.store.read() as tx:
        subscriber = tx.subscribers.find(Address.parse(email))
    assert subscriber is not None
    return subscriber.id


def unsubscribe_link(site: Site, number: int) -> str:
    return site.path(site.world.app.links.unsubscribe(number, site.world.mailing_list.id))


def preferences_link(site: Site, number: int) -> str:
    return site.path(site.world.app.links.preferences(number, site.world.mailing_list.id))


# links that are not ours


def test_a_token_works_for_its_purpose_only_and_not_when_changed(site: Site) -> None:
    number = confirmed(site)
    token = unsubscribe_link(site, number).rpartition("/")[2]
    changed = [token[:-1], token + "A", token[:10] + ("A" if token[10] != "A" else "B") + token[11:], "A", "%00", "é"]
    paths = [f"/{purpose}/{token}" for purpose in "pvc"] + [f"/u/{each}" for each in changed]
    for path in paths:
        assert site.client.get(path).status_code == 404, path
        assert site.client.post(path).status_code in (404, 405), path
    assert site.state(ANN) is SubscriptionState.CONFIRMED


# in the browser


def test_an_issue_in_the_browser_is_nobody_s_and_runs_nothing(site: Site) -> None:
    confirmed(site)
    site.world.add_articles(3)
    issue = site.world.draft()
    site.world.publish(issue)
    edition = site.world.edition(issue)
    assert edition is not None
    response = site.client.get(site.path(site.world.app.links.view(edition.id)))
    assert response.status_code == 200
    assert "Story number 1" in response.text
    assert ANN not in response.text
    assert not re.search(r"Z(UNSUBSCRIBE|PREFERENCES|VIEW|ADDRESS)[A-Z2-7]", response.text)
    assert "/u/" not in response.text
    assert 'href="#"' not in response.text
    assert "Unsubscribe" not in response.text
    assert re.findall(r'href="([^"]*)"[^>]*>Get email updates', response.text) == [
        "https://news.example.org/lists/weekly"
    ]
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy


def test_only_issues_can_be_viewed(site: Site) -> None:
    site.sign_up(ANN)
    assert site.client.get(site.path(site.world.app.links.view(1))).status_code == 404
    assert site.client.get(site.path(site.world.app.links.view(4711))).status_code == 404
