"""The page behind the link that asks: one button, for whoever has it to press and nobody else."""

import re

import pytest

from digest.model.subscriber import SubscriptionState
from tests.web.conftest import Site
from tests.web.test_reader import ANN, confirmed, unsubscribe_link


def test_a_confirmation_page_shows_a_button_and_pressing_it_confirms(each_site: Site) -> None:
    each_site.sign_up(ANN)
    path = f"/c/{each_site.token()}"
    page = each_site.client.get(path)
    assert page.status_code == 200
    assert page.text.count("<form") == page.text.count("<button") == 1
    assert ANN not in page.text
    assert each_site.state(ANN) is SubscriptionState.PENDING
    assert "You are subscribed" in each_site.client.post(path).text
    assert each_site.state(ANN) is SubscriptionState.CONFIRMED
    again = each_site.client.post(path)
    assert (again.status_code, "already" in again.text) == (200, True)
    assert each_site.mails() == ["confirm-subscription", "welcome"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_who_only_looks_changes_nothing(site: Site, method: str) -> None:
    site.sign_up(ANN)
    before = site.dump()
    for path in (f"/c/{site.token()}", f"/c/{site.token()}?confirm=true", f"/c/{site.token()}/again"):
        for headers in ({}, {"Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}, {"X-Moz": "prefetch"}):
            site.client.request(method, path, headers=headers)
    assert site.dump() == before


def test_an_expired_link_explains_itself_and_mails_a_new_one(each_site: Site) -> None:
    each_site.sign_up(ANN)
    each_site.world.clock.forward(hours=49)
    old = f"/c/{each_site.token()}"
    for response in (each_site.client.get(old), each_site.client.post(old)):
        assert response.status_code == 410
        assert "expired" in response.text
        assert f'action="{old}/again' in response.text
        assert ANN not in response.text
    assert each_site.state(ANN) is SubscriptionState.PENDING
    told = each_site.client.post(f"{old}/again")
    assert "Check your inbox" in told.text
    assert each_site.client.post(f"{old}/again").text == told.text  # and no second mail
    assert each_site.mails() == ["confirm-subscription"] * 2
    new = f"/c/{each_site.token()}"
    assert new not in told.text
    each_site.client.post(new)
    assert each_site.state(ANN) is SubscriptionState.CONFIRMED


def test_a_used_link_after_leaving_explains_itself_and_leads_back(site: Site) -> None:
    number = confirmed(site)
    site.client.post(unsubscribe_link(site, number))
    old = f"/c/{site.token()}"
    assert site.client.post(old).status_code == 410
    assert "It works once" in site.client.get(old).text
    assert site.state(ANN) is SubscriptionState.UNSUBSCRIBED
    site.client.post(f"{old}/again")
    site.client.post(f"/c/{site.token()}")
    assert site.state(ANN) is SubscriptionState.CONFIRMED


def test_a_link_that_is_none_gets_no_mail_and_says_what_it_is(site: Site) -> None:
    site.sign_up(ANN)
    for token in ("x", "A" * 22, site.token()[:-1]):
        assert site.client.post(f"/c/{token}/again").status_code == 404
    still_good = site.client.post(f"/c/{site.token()}/again")
    assert "Confirm your subscription" in still_good.text
    assert site.mails() == ["confirm-subscription"]


def test_the_pages_speak_the_reader_s_language_or_the_one_that_is_asked_for(site: Site) -> None:
    site.sign_up(ANN)
    assert '<html lang="en" dir="ltr">' in site.client.get(f"/c/{site.token()}", headers={"Accept-Language": "de"}).text
    page = site.client.get(f"/c/{site.token()}?lang=ar").text
    assert '<html lang="ar" dir="rtl">' in page
    assert re.search(r'action="/c/[\w-]+\?lang=ar"', page)
