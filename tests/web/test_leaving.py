"""Leaving: by one click, by the page, with less mail instead; and the words of those who say why."""

import pytest

from digest.model.choices import Choices
from digest.model.event import EventKind
from digest.model.mailing_list import Rhythm
from digest.model.subscriber import Subscription, SubscriptionState
from tests.web.conftest import Site
from tests.web.test_reader import ANN, confirmed, preferences_link, unsubscribe_link

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


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


# less mail instead


def kept(site: Site, number: int) -> tuple[Subscription, Choices]:
    with site.world.app.store.read() as tx:
        subscription = tx.subscribers.subscription(number, site.world.mailing_list.id)
        assert subscription is not None
        return subscription, tx.audiences.choices(subscription.choices_id)


def test_the_button_that_unsubscribes_comes_first_and_then_what_is_less(site: Site) -> None:
    site.change_list(rhythms=tuple(Rhythm))
    page = site.client.get(unsubscribe_link(site, confirmed(site))).text
    places = [page.index(words) for words in ('value="page"', "Once a week", "Once a month", "Pause for 4 weeks")]
    assert places == sorted(places)


def test_what_the_list_does_not_offer_is_not_offered(site: Site) -> None:
    link = unsubscribe_link(site, confirmed(site))
    page = site.client.get(link).text
    assert "Once a" not in page
    assert "Pause for 4 weeks" in page
    assert site.client.post(f"{link}/less", data={"less": "weekly"}).status_code == 422


@pytest.mark.parametrize("rhythm", ["weekly", "monthly"])
def test_a_slower_rhythm_is_chosen_with_one_press(site: Site, rhythm: str) -> None:
    site.change_list(rhythms=tuple(Rhythm))
    number = confirmed(site)
    page = site.client.post(f"{unsubscribe_link(site, number)}/less", data={"less": rhythm})
    assert page.status_code == 200
    assert "You stay, with less mail" in page.text
    subscription, choices = kept(site, number)
    assert (subscription.state, choices.rhythm) == (SubscriptionState.CONFIRMED, rhythm)


def test_a_pause_of_four_weeks_is_one_press(site: Site) -> None:
    number = confirmed(site)
    page = site.client.post(f"{unsubscribe_link(site, number)}/less", data={"less": "pause"})
    assert "No issue comes before Monday 21 December 2026." in page.text
    assert str(kept(site, number)[0].paused_until) == "2026-12-21"


@pytest.mark.parametrize("wish", ["", "every", "never", "weekly; --"])
def test_a_wish_for_less_that_we_do_not_know_changes_nothing(site: Site, wish: str) -> None:
    number = confirmed(site)
    before = kept(site, number)
    assert site.client.post(f"{unsubscribe_link(site, number)}/less", data={"less": wish}).status_code == 422
    assert kept(site, number) == before


def test_who_has_left_cannot_get_less(site: Site) -> None:
    number = confirmed(site)
    link = unsubscribe_link(site, number)
    site.client.post(link)
    assert "You have left" in site.client.post(f"{link}/less", data={"less": "pause"}).text
    assert kept(site, number)[0].paused_until is None


# why


def whys(site: Site, number: int) -> list[dict[str, object]]:
    with site.world.app.store.read() as tx:
        return [dict(each.detail) for each in tx.events.of_subscriber(number) if each.kind is EventKind.SAID_WHY]


def test_after_leaving_one_may_say_why_and_need_not(site: Site) -> None:
    number = confirmed(site)
    link = unsubscribe_link(site, number)
    assert "tell us why" in site.client.post(link, data={"by": "page"}).text
    values = {"reason": "too_often", "words": "<script>alert(1)</script>"}
    assert "Thank you" in site.client.post(f"{link}/why", data=values).text
    assert whys(site, number) == [{"reason": "too_often", "words": "<script>alert(1)</script>"}]
    assert "Thank you" in site.client.post(f"{link}/why").text
    assert len(whys(site, number)) == 1


def test_who_has_not_left_is_not_asked_why(site: Site) -> None:
    number = confirmed(site)
    page = site.client.post(f"{unsubscribe_link(site, number)}/why", data={"reason": "other", "words": "x"})
    assert "Unsubscribe" in page.text
    assert whys(site, number) == []
    assert site.state(ANN) is SubscriptionState.CONFIRMED


def test_a_reason_that_is_none_is_kept_as_other(site: Site) -> None:
    number = confirmed(site)
    link = unsubscribe_link(site, number)
    site.client.post(link)
    site.client.post(f"{link}/why", data={"reason": "'; DROP TABLE events; --", "words": "x" * 9000})
    assert whys(site, number) == [{"reason": "other", "words": "x" * 500}]


def test_the_way_back_is_the_form_and_no_link_does_it(site: Site) -> None:
    number = confirmed(site)
    link = unsubscribe_link(site, number)
    page = site.client.post(link, data={"by": "page"}).text
    assert 'href="/lists/weekly">Sign up again' in page
    assert site.client.get("/lists/weekly").status_code == 200
    assert site.state(ANN) is SubscriptionState.UNSUBSCRIBED
