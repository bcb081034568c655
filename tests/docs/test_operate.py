"""Every state, event, setting and command of the code stands in docs/operate, and nothing else does."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import pytest
from pydantic import SecretStr

from digest.model.event import EventKind
from digest.model.feed import FeedHealth, FeedState
from digest.model.imports import IMPORT_MOVES, ImportState
from digest.model.issue import CAMPAIGN_MOVES, ISSUE_MOVES, CampaignState, IssueState
from digest.model.message import MESSAGE_MOVES, MessageState
from digest.model.operator import ActKind
from digest.model.subscriber import SUBSCRIPTION_MOVES, SubscriptionState, SuppressionReason
from digest.model.webhook import CallState
from digest.settings import PREFIX, Settings
from tests.docs.commands import BEGIN, COMMANDS, reference
from tests.docs.documents import DOCS, code, read, rows, sections

STATES: dict[str, type[StrEnum]] = {
    "Issue": IssueState,
    "Campaign": CampaignState,
    "Message": MessageState,
    "Subscription": SubscriptionState,
    "Import": ImportState,
    "Feed": FeedState,
    "Health": FeedHealth,
    "Suppression": SuppressionReason,
    "Events": EventKind,
    "Calls": CallState,
    "Acts": ActKind,
}
MOVES: dict[str, Mapping[Any, frozenset[Any]]] = {
    "Issue": ISSUE_MOVES,
    "Campaign": CAMPAIGN_MOVES,
    "Message": MESSAGE_MOVES,
    "Subscription": SUBSCRIPTION_MOVES,
    "Import": IMPORT_MOVES,
}


@pytest.mark.parametrize("noun", STATES)
def test_every_state_and_event_is_documented(noun: str) -> None:
    documented = [code(row[0])[0] for row in rows(sections(DOCS / "operate/states.md")[noun])]
    assert documented == [str(member) for member in STATES[noun]]


@pytest.mark.parametrize("noun", MOVES)
def test_every_move_is_documented(noun: str) -> None:
    documented = {code(row[0])[0]: set(code(row[2])) for row in rows(sections(DOCS / "operate/states.md")[noun])}
    assert documented == {str(state): {str(after) for after in moves} for state, moves in MOVES[noun].items()}


def test_every_setting_is_documented_with_its_default() -> None:
    documented = {code(row[0])[0]: " ".join(code(row[1])) or row[1] for row in rows(read(DOCS / "operate/settings.md"))}
    assert documented == {name: said(field.default) for name, field in Settings.model_fields.items()}


def test_the_example_in_the_settings_is_one() -> None:
    assert f"`{PREFIX}SMTP_URL`" in read(DOCS / "operate/settings.md")


def said(default: object) -> str:
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    if isinstance(default, bool):
        return str(default).lower()  # as TOML has it
    return "none" if default in (None, (), "") else str(default)


def test_every_command_is_documented() -> None:
    assert read(COMMANDS).partition(BEGIN)[2].strip() == reference().strip(), "run `make docs`"


def test_every_command_and_option_says_what_it_is_for() -> None:
    lines = reference().splitlines()
    mute = [line for line in lines if line.endswith("|  |")]
    mute += [line for line, below in zip(lines, lines[2:], strict=False) if line.startswith("###") and not below]
    assert mute == []
