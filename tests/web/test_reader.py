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
