"""What readers may choose, and what is said to who chooses what is not offered."""

from datetime import date, time

import pytest

from digest.model.address import Mailbox
from digest.model.choices import ChoiceChange, Choices, choices_from_json, choices_to_json, choose, read_pause
from digest.model.edition import Form
from digest.model.errors import BadInput
from digest.model.mailing_list import MailingList, Rhythm, Schedule

LIST = MailingList(
    id=1,
    name="daily",
    title="The Daily",
    sender=Mailbox.parse("daily@example.org"),
    reply_to=None,
    postal_address="1 Mill Lane",
    list_id="daily.example.org",
    schedule=Schedule(frozenset({0}), time(8), "Europe/Vienna"),
    topics=("Town", "Science", "Sport"),
    rhythms=(Rhythm.EVERY, Rhythm.WEEKLY),
)


def test_what_is_not_said_stays() -> None:
    before = Choices(topics=("Town",), hour=7)
    assert choose(LIST, before, ChoiceChange(rhythm="weekly", weekday="Friday")) == Choices(
        topics=("Town",), rhythm=Rhythm.WEEKLY, weekday=4, hour=7
    )


def test_topics_are_kept_in_the_lists_order_and_spelling() -> None:
    assert choose(LIST, Choices(), ChoiceChange(topics=" sport,TOWN ,")).topics == ("Town", "Sport")


def test_a_language_is_one_of_ours_whatever_its_region() -> None:
    assert choose(LIST, Choices(), ChoiceChange(language="de-AT")).language == "de"


def test_nothing_takes_the_lists_own() -> None:
    before = Choices(("Town",), Rhythm.WEEKLY, 4, 7, "Asia/Tokyo", "de", Form.TEXT)
    assert choose(LIST, before, ChoiceChange("", "", "", "", "", "", "")) == Choices()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (ChoiceChange(topics="Town, Weather"), "daily has no topic 'Weather'; its topics are: Town, Science, Sport."),
        (ChoiceChange(rhythm="monthly"), "daily is not offered 'monthly'; its rhythms are: every, weekly."),
        (ChoiceChange(weekday="someday"), "'someday' is no weekday"),
        (ChoiceChange(hour="24"), "'24' is no hour; write one from 0 to 23."),
        (ChoiceChange(hour="²"), "is no hour"),
        (ChoiceChange(form="pdf"), "'pdf' is no form of a mail; write html or text."),
    ],
)
def test_what_is_not_offered_is_named(said: ChoiceChange, words: str) -> None:
    with pytest.raises(BadInput) as refused:
        choose(LIST, Choices(), said)
    assert words in str(refused.value)


def test_a_pause_is_a_date_and_nothing_ends_it() -> None:
    until = date(2027, 1, 10)
    assert read_pause(ChoiceChange(pause_until="2027-01-10"), None) == until
    assert read_pause(ChoiceChange(hour="7"), until) == until
    assert read_pause(ChoiceChange(pause_until=""), until) is None
    with pytest.raises(BadInput, match="is no date"):
        read_pause(ChoiceChange(pause_until="next week"), None)


def test_who_chose_alike_has_the_same_key_in_whatever_order() -> None:
    assert Choices(topics=("Town", "Sport")).key == Choices(topics=("Sport", "Town")).key
    assert Choices(hour=7).key != Choices(hour=8).key


def test_choices_come_back_from_json_as_they_were() -> None:
    chosen = Choices(("Town",), Rhythm.MONTHLY, 2, 0, "Asia/Tokyo", "ar", Form.TEXT)
    assert choices_from_json(choices_to_json(chosen)) == chosen
