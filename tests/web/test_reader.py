import re

import pytest

from digest.model.address import Address
from digest.model.subscriber import SubscriptionState
from tests.web.conftest import Site

ANN = "ann@example.org"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


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


# confirming


def test_a_confirmation_page_shows_a_button_and_pressing_it_confirms(each_site: Site) -> None:
    each_site.sign_up(ANN)
    path = f"/c/{each_site.token()}"
    page = each_site.client.get(path)
    assert page.status_code == 200
    assert '<form method="post">' in page.text
    assert ANN not in page.text
    assert each_site.state(ANN) is SubscriptionState.PENDING
    assert "You are subscribed" in each_site.client.post(path).text
    assert each_site.state(ANN) is SubscriptionState.CONFIRMED
    again = each_site.client.post(path)
    assert (again.status_code, "already" in again.text) == (200, True)
    assert each_site.mails() == ["confirm-subscription", "welcome"]


def test_an_expired_link_explains_itself_and_leads_back(site: Site) -> None:
    site.sign_up(ANN)
    site.world.clock.forward(hours=49)
    for response in (site.client.get(f"/c/{site.token()}"), site.client.post(f"/c/{site.token()}")):
        assert response.status_code == 410
        assert "expired" in response.text
        assert 'href="/lists/weekly"' in response.text
    assert site.state(ANN) is SubscriptionState.PENDING


def test_a_used_link_after_leaving_explains_itself(site: Site) -> None:
    number = confirmed(site)
    site.client.post(unsubscribe_link(site, number))
    assert site.client.post(f"/c/{site.token()}").status_code == 410
    assert site.state(ANN) is SubscriptionState.UNSUBSCRIBED


# one click


@pytest.mark.parametrize(
    "request_",
    [
        {"data": ONE_CLICK},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},  # multipart
        {"content": b""},
        {"content": b"List-Unsubscribe=One-Click"},  # without a content type
        {"content": b"\xff\x00{", "headers": {"Content-Type": "application/json"}},
        {"content": b"junk", "headers": {"Content-Type": "multipart/form-data"}},
        {"content": b"junk", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
    ],
)
def test_one_click_unsubscribes_with_any_body_and_no_redirect(site: Site, request_: dict[str, object]) -> None:
    link = unsubscribe_link(site, confirmed(site))
    response = site.client.post(link, **request_)  # type: ignore[arg-type]  # whatever httpx2 takes
    assert response.status_code == 200
    assert "set-cookie" not in response.headers
    assert site.state(ANN) is SubscriptionState.UNSUBSCRIBED
    assert site.client.post(link, data=ONE_CLICK).status_code == 200
    assert "unsubscribed" not in site.mails()  # their mail program has said it already


def test_one_click_is_on_disk_before_it_is_answered(each_site: Site) -> None:
    link = unsubscribe_link(each_site, confirmed(each_site))
    each_site.client.post(link, data=ONE_CLICK)
    assert each_site.state(ANN) is SubscriptionState.UNSUBSCRIBED


def test_the_page_unsubscribes_by_its_button_only_and_a_mail_says_so_once(site: Site) -> None:
    link = unsubscribe_link(site, confirmed(site))
    page = site.client.get(link)
    assert "Unsubscribe" in page.text
    assert ANN not in page.text
    assert site.state(ANN) is SubscriptionState.CONFIRMED
    for _ in range(2):
        assert "You have left" in site.client.post(link, data={"by": "page"}).text
    assert site.mails().count("unsubscribed") == 1
    assert "You have left" in site.client.get(link).text


def test_a_link_of_an_erased_reader_says_that_nothing_is_sent(site: Site) -> None:
    number = confirmed(site)
    with site.world.app.store.write() as tx:
        tx.subscribers.erase(number)
    confirmed(site, "next@example.org")
    for response in (site.client.get(unsubscribe_link(site, number)), site.client.post(unsubscribe_link(site, number))):
        assert response.status_code == 200
    assert "none of our lists" in site.client.get(preferences_link(site, number)).text
    assert site.state("next@example.org") is SubscriptionState.CONFIRMED


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


# preferences


def test_preferences_show_lists_and_no_address_and_leave_one_or_all(site: Site) -> None:
    site.add_list("evening", "The Evening")
    number = confirmed(site)
    site.world.clock.forward(hours=1)
    values = {"email": ANN, "stamp": site.stamp("/"), "list": ["evening"]}
    site.client.post("/subscribe", data=values)
    link = preferences_link(site, number)
    page = site.client.get(link).text
    assert ANN not in page
    assert "a…@example.org" in page
    assert re.findall(r"Subscribed|Waiting", page) == ["Waiting", "Subscribed"]
    assert site.client.post(link, data={"leave": str(site.world.mailing_list.id)}).status_code == 200
    assert site.state(ANN) is SubscriptionState.UNSUBSCRIBED
    assert "unsubscribed" in site.mails()
    assert "Leave" not in site.client.post(link, data={"leave": "all"}).text


@pytest.mark.parametrize("wish", ["", "4711", "weekly", "all; --"])
def test_a_wish_that_we_do_not_know_changes_nothing(site: Site, wish: str) -> None:
    number = confirmed(site)
    response = site.client.post(preferences_link(site, number), data={"leave": wish})
    assert response.status_code == 422
    assert "nothing changed" in response.text
    assert site.state(ANN) is SubscriptionState.CONFIRMED
