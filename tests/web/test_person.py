"""What we keep of a reader: shown, downloaded and erased by the fresh link in a mail to them, and by nothing else."""

import json

import pytest

from digest.model.subscriber import SubscriptionState
from tests.web.conftest import Site
from tests.web.test_reader import ANN, confirmed, preferences_link, unsubscribe_link


def data_link(site: Site, number: int) -> str:
    site.client.post(preferences_link(site, number), data={"do": "data"})
    return f"/me/{site.fresh_token('your-data')}"


def test_a_mail_with_the_link_is_asked_for_by_a_button(each_site: Site) -> None:
    number = confirmed(each_site)
    page = each_site.client.post(preferences_link(each_site, number), data={"do": "data"}).text
    assert "on its way to <bdi>a…@example.org" in page or "on its way to a…@example.org" in page
    assert ANN not in page
    assert each_site.mails()[-1] == "your-data"


def test_the_page_shows_what_is_kept_and_why(each_site: Site) -> None:
    site = each_site
    number = confirmed(site)
    site.world.add_articles(2)
    site.world.publish()
    site.client.post(unsubscribe_link(site, number), data={"by": "page"})
    site.client.post(f"{unsubscribe_link(site, number)}/why", data={"reason": "other", "words": "<i>no</i> time"})
    page = site.client.get(data_link(site, number))
    assert page.status_code == 200
    for said in (
        ANN,
        "You have left",
        site.world.app.settings.sign_up_text,
        "The latest mails to you",
        "Story number",
        "Welcome to The Weekly",
        "You signed up",
        "&lt;i&gt;no&lt;/i&gt; time",
        "We do not see whether you open",
    ):
        assert said in page.text, said
    assert "<i>" not in page.text
    assert len(page.content) < 30_000
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"


def test_it_can_be_downloaded(site: Site) -> None:
    link = data_link(site, confirmed(site))
    response = site.client.get(f"{link}/export")
    assert response.headers["content-disposition"] == 'attachment; filename="my-data.json"'
    assert response.headers["content-type"] == "application/json"
    found = json.loads(response.content)
    assert found["address"] == ANN
    assert found["subscriptions"][0]["list"] == "weekly"


def test_erasing_wants_a_tick_and_forgets(each_site: Site) -> None:
    site = each_site
    number = confirmed(site)
    link = data_link(site, number)
    page = site.client.post(f"{link}/erase")
    assert (page.status_code, "Tick the box first" in page.text) == (422, True)
    assert site.state(ANN) is SubscriptionState.CONFIRMED
    assert "You are forgotten" in site.client.post(f"{link}/erase", data={"sure": "yes"}).text
    assert site.state(ANN) is None
    assert site.client.post(f"{link}/erase", data={"sure": "yes"}).status_code == 410
    assert site.client.get(link).status_code == 410
    assert "none of our lists" in site.client.get(preferences_link(site, number)).text


@pytest.mark.parametrize("path", ["", "/export", "/erase"])
def test_after_an_hour_the_link_explains_itself(site: Site, path: str) -> None:
    link = data_link(site, confirmed(site)) + path
    assert site.client.get(link).status_code == 200
    site.world.clock.forward(minutes=60)
    response = site.client.get(link)
    assert response.status_code == 410
    assert "works for an hour" in response.text
    assert ANN not in response.text


def test_the_page_leads_to_the_preferences_of_each_list(site: Site) -> None:
    number = confirmed(site)
    page = site.client.get(data_link(site, number)).text
    assert f'href="{preferences_link(site, number)}"' in page
