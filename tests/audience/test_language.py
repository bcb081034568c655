"""The mails that answer a reader speak their language."""

from dataclasses import replace

import pytest

from digest.audience import preferences
from digest.audience.choose import choose_for
from digest.audience.confirm import confirm
from digest.audience.confirm import look as look_at_link
from digest.audience.enrol import add_subscriber
from digest.audience.sign_up import Application, sign_up
from digest.audience.unsubscribe import look, unsubscribe
from digest.model.choices import ChoiceChange
from tests.audience.conftest import Desk

ANN = "ann@example.org"


def apply(desk: Desk, language: str) -> None:
    application = Application(ANN, ("weekly",), desk.consent(), language=language)
    sign_up(desk.store, desk.keys, desk.notices, application, now=desk.now, nonce=desk.nonce())


def subject(desk: Desk, purpose: str) -> str:
    """Of the newest mail for a purpose."""
    with desk.store.read() as tx:
        return tx.editions.get(int(str(desk.outbox(purpose)[-1]["edition_id"]))).subject


def test_all_three_speak_the_language_of_the_page_that_was_signed_up_on(desk: Desk) -> None:
    apply(desk, "de-AT")
    assert subject(desk, "confirm-subscription") == "Bitte bestätigen: The Weekly Example"
    token = desk.tokens()[-1]
    assert look_at_link(desk.store, token, now=desk.now).language == "de-AT"
    confirm(desk.store, desk.notices, token, now=desk.now)
    assert subject(desk, "welcome") == "Willkommen bei The Weekly Example"
    number = desk.number(ANN)
    assert look(desk.store, number, desk.weekly.id).language == "de-AT"
    shown = preferences.look(desk.store, number, desk.weekly.id)
    assert shown is not None
    assert shown.language == "de-AT"
    unsubscribe(desk.store, number, desk.weekly.id, now=desk.now, by="page", notices=desk.notices)
    assert subject(desk, "unsubscribed") == "Abgemeldet von The Weekly Example"


def test_what_a_reader_chose_for_a_list_counts_more(desk: Desk) -> None:
    apply(desk, "de")
    confirm(desk.store, desk.notices, desk.tokens()[-1], now=desk.now)
    choose_for(desk.store, ANN, "weekly", ChoiceChange(language="fr"), now=desk.now)
    unsubscribe(desk.store, desk.number(ANN), desk.weekly.id, now=desk.now, by="page", notices=desk.notices)
    assert subject(desk, "unsubscribed") == "Votre désinscription de The Weekly Example"


@pytest.mark.parametrize("language", ["", "fi"])
def test_without_a_language_of_ours_they_speak_the_lists(desk: Desk, language: str) -> None:
    with desk.store.write() as tx:
        tx.lists.save(replace(desk.weekly, language="ar"))
    apply(desk, language)
    assert subject(desk, "confirm-subscription") == "يُرجى التأكيد: The Weekly Example"


def test_who_is_enrolled_is_asked_in_their_language(desk: Desk) -> None:
    for address, language in (("eva@example.org", "es"), ("fay@example.org", "")):
        add_subscriber(
            desk.store,
            desk.keys,
            desk.notices,
            address=address,
            list_name="weekly",
            language=language,
            now=desk.now,
            nonce=desk.nonce,
        )
    with desk.store.read() as tx:
        mails = [tx.editions.get(int(str(row["edition_id"]))) for row in desk.outbox("confirm-subscription")]
    assert [mail.subject.partition(":")[0] for mail in mails] == ["Confirme, por favor", "Please confirm"]
