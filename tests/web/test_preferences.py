"""The preferences page: what it shows, and what each of its buttons does."""

import re
from datetime import date

import pytest

from digest.model.choices import Choices
from digest.model.edition import Form
from digest.model.mailing_list import Rhythm
from digest.model.subscriber import SubscriptionState
from tests.web.conftest import Site
from tests.web.test_leaving import kept
from tests.web.test_reader import ANN, confirmed, preferences_link, unsubscribe_link

SAVED = {
    "do": "save",
    "topics": "some",
    "topic": ["Science", "Town"],
    "rhythm": "weekly",
    "weekday": "fri",
    "hour": "7",
    "zone": "new york",
    "language": "de",
    "text": "yes",
    "pause": "4",
}


@pytest.fixture
def offering(site: Site) -> Site:
    site.change_list(topics=("Town", "Science", "Table"), rhythms=tuple(Rhythm))
    return site


def fields(page: str) -> dict[str, list[str]]:
    """What a browser would send of the form of choices, as the page comes."""
    found: dict[str, list[str]] = {}
    form = page.partition('class="parts">')[2].partition("</form>")[0]
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = (re.search(rf' {part}="([^"]*)"', tag) for part in ("name", "value"))
        if name and (" checked" in tag or 'type="text"' in tag):
            found.setdefault(name[1], []).append(value[1] if value else "")
    for name, options in re.findall(r'<select id="\w+" name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]* selected', options)
        found[name] = [chosen[1] if chosen else ""]
    return found


def test_all_that_is_offered_is_chosen_with_one_button(offering: Site) -> None:
    number = confirmed(offering)
    page = offering.client.post(preferences_link(offering, number), data=SAVED)
    assert (page.status_code, "Saved." in page.text) == (200, True)
    subscription, choices = kept(offering, number)
    assert choices == Choices(("Town", "Science"), Rhythm.WEEKLY, 4, 7, "America/New_York", "de", Form.TEXT)
    assert subscription.paused_until == date(2026, 12, 21)


def test_the_page_shows_what_was_chosen_and_saving_it_again_changes_nothing(offering: Site) -> None:
    number = confirmed(offering)
    link = preferences_link(offering, number)
    for sent in (SAVED, {"do": "save", "topics": "all", "rhythm": "every", "pause": "end"}):
        offering.client.post(link, data=sent)
        before = kept(offering, number)
        again = fields(offering.client.get(link).text)
        assert offering.client.post(link, data={**again, "do": "save"}).status_code == 200
        assert kept(offering, number) == before


def test_a_pause_is_shown_kept_and_ended(offering: Site) -> None:
    number = confirmed(offering)
    link = preferences_link(offering, number)
    offering.client.post(link, data={"do": "save", "pause": "2"})
    assert "No issue before Monday 7 December 2026, as it is" in offering.client.get(link).text
    offering.client.post(link, data={"do": "save", "pause": "keep"})
    assert kept(offering, number)[0].paused_until == date(2026, 12, 7)
    offering.client.post(link, data={"do": "save", "pause": "end"})
    assert kept(offering, number)[0].paused_until is None


def test_a_pause_that_is_over_is_none(offering: Site) -> None:
    number = confirmed(offering)
    link = preferences_link(offering, number)
    offering.client.post(link, data={"do": "save", "pause": "2"})
    offering.world.clock.forward(days=20)
    assert "as it is" not in offering.client.get(link).text


def test_mistakes_are_said_kindly_together_and_beside_their_fields(offering: Site) -> None:
    number = confirmed(offering)
    before = kept(offering, number)
    sent = {**SAVED, "topic": [], "zone": "Nowhere <b>"}
    page = offering.client.post(preferences_link(offering, number), data=sent)
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert page.text.count("Choose at least one topic, or all of them.") == 2
    assert 'href="#zone">We do not know this time zone.' in page.text
    assert 'aria-invalid="true" aria-describedby="zone-complaint"' in page.text
    assert "<title>Not saved" in page.text
    assert "<b>" not in page.text
    again = fields(page.text)
    assert (again["zone"], again["hour"], again["rhythm"], again["text"]) == (
        ["Nowhere &lt;b&gt;"],
        ["7"],
        ["weekly"],
        ["yes"],
    )
    assert kept(offering, number) == before


@pytest.mark.parametrize(
    "sent",
    [
        {"topics": "some", "topic": ["Gossip"]},
        {"rhythm": "hourly"},
        {"weekday": "someday"},
        {"hour": "24"},
        {"hour": "-1"},
        {"language": "klingon"},
    ],
)
def test_what_no_form_of_ours_sends_changes_nothing(offering: Site, sent: dict[str, object]) -> None:
    number = confirmed(offering)
    before = kept(offering, number)
    page = offering.client.post(preferences_link(offering, number), data=SAVED | sent)
    assert page.status_code == 422
    assert "Nothing was changed yet." in page.text
    assert kept(offering, number) == before


@pytest.mark.parametrize("do", ["", "4711", "save; --", "erase"])
def test_a_wish_that_we_do_not_know_changes_nothing(site: Site, do: str) -> None:
    number = confirmed(site)
    before = site.dump()
    response = site.client.post(preferences_link(site, number), data={"do": do})
    assert response.status_code == 422
    assert "nothing changed" in response.text
    assert site.dump() == before


def test_one_list_is_left_or_all(site: Site) -> None:
    site.add_list("evening", "The Evening")
    number = confirmed(site)
    site.world.clock.forward(hours=1)
    stamp = site.stamp("/")
    site.world.clock.forward(seconds=3)
    site.client.post("/subscribe", data={"email": ANN, "stamp": stamp, "list": ["evening"]})
    site.client.post(f"/c/{site.token()}")
    link = preferences_link(site, number)
    page = site.client.post(link, data={"do": "leave"}).text
    assert "Done: The Weekly will not be sent to you any more." in page
    assert site.state(ANN) is SubscriptionState.UNSUBSCRIBED
    assert site.mails().count("unsubscribed") == 1
    with site.world.app.store.read() as tx:
        states = [each.state for each in tx.subscribers.subscriptions(number)]
    assert states.count(SubscriptionState.CONFIRMED) == 1
    assert "nothing more will be sent to you" in site.client.post(link, data={"do": "leave-all"}).text
    with site.world.app.store.read() as tx:
        assert {each.state for each in tx.subscribers.subscriptions(number)} == {SubscriptionState.UNSUBSCRIBED}


def test_the_page_does_not_tell_which_other_lists_are_read(site: Site) -> None:
    """A forwarded mail tells of its own list, and its links tell no more (security S9)."""
    site.add_list("evening", "The Evening")
    number = confirmed(site)
    link = preferences_link(site, number)
    alone = site.client.get(link).text
    site.world.clock.forward(hours=1)
    site.client.post("/subscribe", data={"email": ANN, "stamp": site.stamp("/"), "list": ["evening"]})
    assert site.client.get(link).text == alone
    site.client.post(f"/c/{site.token()}")
    assert site.client.get(link).text == alone


def test_joining_is_asked_by_mail_and_answered_alike_for_what_one_has(site: Site) -> None:
    site.add_list("evening", "The Evening")
    number = confirmed(site)
    site.world.clock.forward(hours=25)
    link = preferences_link(site, number)
    page = site.client.post(link, data={"do": "join", "list": ["evening", "nonsense"]})
    assert (page.status_code, "on its way" in page.text) == (200, True)
    assert site.mails().count("confirm-subscription") == 2
    site.client.post(f"/c/{site.token()}")
    again = site.client.post(link, data={"do": "join", "list": ["evening"]})
    assert again.text == page.text
    assert site.mails().count("confirm-subscription") == 2
    assert site.client.post(link, data={"do": "join"}).status_code == 422


def test_who_left_can_sign_up_again_by_the_form_only(site: Site) -> None:
    number = confirmed(site)
    site.client.post(unsubscribe_link(site, number))
    link = preferences_link(site, number)
    page = site.client.get(link).text
    assert 'href="/lists/weekly">Sign up again' in page
    assert 'value="save"' not in page
    site.client.post(link, data={"do": "save"})
    assert site.state(ANN) is SubscriptionState.UNSUBSCRIBED


def test_an_erased_readers_page_says_that_nothing_is_sent(site: Site) -> None:
    number = confirmed(site)
    link = preferences_link(site, number)
    with site.world.app.store.write() as tx:
        tx.subscribers.erase(number)
    for response in (site.client.get(link), site.client.post(link, data={"do": "data"})):
        assert "none of our lists" in response.text


# another address


@pytest.mark.parametrize(
    "new", ["new@example.org", ANN, "ANN@EXAMPLE.ORG", "suppressed@example.org", "bob@example.org"]
)
def test_whatever_address_is_typed_the_answer_is_the_same(site: Site, new: str) -> None:
    number = confirmed(site)
    confirmed(site, "bob@example.org")
    link = preferences_link(site, number)
    page = site.client.post(link, data={"do": "address", "email": new})
    assert page.status_code == 200
    assert site.mails().count("allow-address") == 1
    once_more = site.client.post(link, data={"do": "address", "email": "other@example.org"})
    assert once_more.text == page.text
    assert site.mails().count("allow-address") == 1


def test_what_is_no_address_is_said_beside_the_field(site: Site) -> None:
    link = preferences_link(site, confirmed(site))
    page = site.client.post(link, data={"do": "address", "email": '"><script>'})
    assert page.status_code == 422
    assert "does not look like an e-mail address" in page.text
    assert "<script" not in page.text


def test_an_address_moves_by_two_pages_with_a_button_each(each_site: Site) -> None:
    site = each_site
    number = confirmed(site)
    site.client.post(preferences_link(site, number), data={"do": "address", "email": "new@other.example"})
    allow = f"/address/{site.fresh_token('allow-address')}"
    page = site.client.get(allow).text
    assert "n…@other.example" in page
    assert "new@other.example" not in page
    assert "mail is on its way" in site.client.post(allow).text
    assert site.client.post(allow).status_code == 410
    move = f"/address/{site.fresh_token('confirm-address')}"
    assert "Is this your address?" in site.client.get(move).text
    assert site.state(ANN) is SubscriptionState.CONFIRMED
    assert "You have moved" in site.client.post(move).text
    assert (site.state(ANN), site.state("new@other.example")) == (None, SubscriptionState.CONFIRMED)
    assert site.client.get(move).status_code == 410
    assert site.client.get(preferences_link(site, number)).status_code == 200  # links in old mails lead home
