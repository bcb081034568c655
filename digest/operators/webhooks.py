"""Webhooks: added, changed, tried out, switched off. Their secrets are shown once and kept sealed."""

import base64
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from digest.model.errors import BadInput, WrongState
from digest.model.keys import Keys
from digest.model.operator import ActKind
from digest.model.web_address import is_web_address
from digest.model.webhook import Topic, Webhook
from digest.operators.sealed import seal
from digest.store import Store

PURPOSE = "webhook secret"
MARK = "whsec_"  # as Standard Webhooks writes secrets
MOST_LABEL = 100
MOST_URL = 2_000


@dataclass(frozen=True, slots=True)
class NewWebhook:
    kept: Webhook
    secret: str  # shown once


def add_webhook(
    store: Store, keys: Keys, url: str, topics: Collection[Topic], *, label: str = "", now: datetime, random: str
) -> NewWebhook:
    """It is told what happens from now on. `random`: 256 bits in hexadecimal. Raises BadInput in words."""
    _check(url, topics, label)
    secret = MARK + base64.b64encode(bytes.fromhex(random)).decode()
    new = Webhook(0, url, label, frozenset(topics), now, sealed_secret=seal(keys, PURPOSE, secret))
    with store.write() as tx:
        kept = tx.webhooks.add(new)
        tx.acts.note(ActKind.WEBHOOK_CHANGED, now, f"webhook {kept.id}", added=True, topics=sorted(topics))
    return NewWebhook(kept, secret)


def change_webhook(
    store: Store,
    webhook_id: int,
    *,
    topics: Collection[Topic] | None = None,
    label: str | None = None,
    enabled: bool | None = None,
    now: datetime,
) -> Webhook:
    """What is None stays. Switched off, what it is owed is given up; switched on, it is told what happens from then on."""
    with store.write() as tx:
        before = tx.webhooks.get(webhook_id)
        after = replace(
            before,
            topics=before.topics if topics is None else frozenset(topics),
            label=before.label if label is None else label,
            disabled_at=before.disabled_at if enabled is None else None if enabled else now,
            reason=before.reason if enabled is None else "" if enabled else "an operator switched it off",
        )
        _check(after.url, after.topics, after.label)
        tx.webhooks.change(after)
        if after.disabled_at is not None:
            tx.webhooks.give_up(webhook_id, after.reason, now)
        tx.acts.note(ActKind.WEBHOOK_CHANGED, now, f"webhook {webhook_id}", enabled=after.disabled_at is None)
    return after


def change_secret(store: Store, keys: Keys, webhook_id: int, *, now: datetime, random: str) -> NewWebhook:
    """A new secret. Calls are signed with the old one too, until the next change: programs need time to learn the new one."""
    secret = MARK + base64.b64encode(bytes.fromhex(random)).decode()
    with store.write() as tx:
        before = tx.webhooks.get(webhook_id)
        after = replace(before, sealed_secret=seal(keys, PURPOSE, secret), old_secret=before.sealed_secret)
        tx.webhooks.change(after)
        tx.acts.note(ActKind.WEBHOOK_CHANGED, now, f"webhook {webhook_id}", secret=True)
    return NewWebhook(after, secret)


def remove_webhook(store: Store, webhook_id: int, *, now: datetime) -> Webhook:
    with store.write() as tx:
        removed = tx.webhooks.get(webhook_id)
        tx.webhooks.remove(webhook_id)
        tx.acts.note(ActKind.WEBHOOK_CHANGED, now, f"webhook {webhook_id}", removed=True)
    return removed


def call_again(store: Store, call_id: int, *, now: datetime) -> None:
    """Raises WrongState for a call that has not failed."""
    with store.write() as tx:
        if not tx.webhooks.again(call_id, now):
            raise WrongState(f"Call {call_id} has not failed, so there is nothing to try again.")


def _check(url: str, topics: Collection[Topic], label: str) -> None:
    if not is_web_address(url) or len(url) > MOST_URL or urlsplit(url).username is not None or urlsplit(url).fragment:
        raise BadInput(
            f"A webhook needs an address that starts with https://, without a name or password in it: {url!r}."
        )
    if not topics:
        raise BadInput(f"Say what it is to be told, of {', '.join(sorted(Topic))}.")
    if len(label) > MOST_LABEL or not label.isprintable():
        raise BadInput(f"A label has {MOST_LABEL} characters at most.")
