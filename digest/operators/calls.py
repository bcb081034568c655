"""Calling webhooks: what happened is noted as owed, called, and settled by the answer. Run by the timetable every few seconds.

    facts ──owe──▶ queued ──claim, sign, POST (no transaction open)──▶ done | queued again | failed

Safe twice and at once: a call is unique by (webhook, event), and claimed for the time that one takes. Killed in between, it is
made again, with the same id (Standard Webhooks: receivers keep to that).
"""

import base64
import hmac
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from digest.model.feed import FetchLimits
from digest.model.keys import Keys
from digest.model.webhook import Call, CallState, Verdict, Webhook, judge
from digest.operators.sealed import unseal
from digest.operators.webhooks import MARK, PURPOSE
from digest.sources.post import post
from digest.sources.sanitize import clean_line
from digest.store import Store
from digest.store.webhooks import Fact

AT_ONCE = 8
SECONDS = 15.0  # for an answer, as Standard Webhooks advises
MOST_SAID = 200  # characters of an answer
GONE = "its receiver answered 410 Gone"


@dataclass(frozen=True, slots=True)
class Caller:
    store: Store
    keys: Keys
    limits: FetchLimits
    now: Callable[[], datetime]
    nonce: Callable[[], str]

    def run(self) -> dict[CallState, int]:
        """Note what is owed and make the calls that are due; returns how many came to which state."""
        hooks = self._owe()
        counts: dict[CallState, int] = {}
        while hooks and (claimed := self._claim()):
            with ThreadPoolExecutor(AT_ONCE, "webhook") as pool:
                for state in pool.map(lambda each: self._make(hooks[each.webhook_id], each), claimed):
                    counts[state] = counts.get(state, 0) + 1
        return counts

    def _owe(self) -> dict[int, Webhook]:
        with self.store.read() as tx:
            hooks = [each for each in tx.webhooks.all() if each.disabled_at is None]
            wanting = [hook for hook in hooks if any(tx.webhooks.unowed(hook, self.now()))]
        for hook in wanting:
            with self.store.write() as tx:
                tx.webhooks.owe(hook, self.now())
        return {each.id: each for each in hooks}

    def _claim(self) -> list[Call]:
        with self.store.write() as tx:
            return tx.webhooks.claim(self.now(), AT_ONCE)

    def _make(self, hook: Webhook, call: Call) -> CallState:
        with self.store.read() as tx:
            fact = tx.webhooks.facts([call.event_id]).get(call.event_id)
        if fact is None:  # forgotten since then, and the call with it
            return CallState.FAILED
        body = say(call, fact)
        secrets = [unseal(self.keys, PURPOSE, each) for each in (hook.sealed_secret, hook.old_secret) if each]
        limits = replace(self.limits, max_seconds=SECONDS)
        answer = post(hook.url, body, sign(call.id, body, secrets, self.now()), limits)
        verdict = judge(answer.status, call.attempts, self.now(), int(self.nonce()[:8], 16) / 0xFFFFFFFF)
        said = clean_line(answer.content.decode("utf-8", "replace"), MOST_SAID)
        self._settle(hook, call, verdict, f"{answer.status}: {said}" if answer.status else answer.reason)
        return verdict.state

    def _settle(self, hook: Webhook, call: Call, verdict: Verdict, said: str) -> None:
        with self.store.write() as tx:
            if not verdict.gone:
                tx.webhooks.settle(call.id, verdict, said, self.now())
                return
            kept = tx.webhooks.lock(hook.id)  # first of all: several calls may hear it at once
            tx.webhooks.change(replace(kept, disabled_at=self.now(), reason=GONE))
            tx.webhooks.settle(call.id, verdict, said, self.now())
            tx.webhooks.give_up(hook.id, GONE, self.now())


def say(call: Call, fact: Fact) -> bytes:
    """{"type", "timestamp", "data"}, as Standard Webhooks has it. The same at each try, unless its person was erased."""
    reader = {"id": fact.subscriber_id, "address": fact.address} if fact.subscriber_id else None
    known = {name: value for name, value in fact.detail.items() if name in _TOLD}
    data: dict[str, Any] = {"list": fact.list_name or None, "subscriber": reader, **known}
    told = {name: value for name, value in data.items() if value is not None}
    body = {"type": call.topic, "timestamp": fact.at.isoformat(), "data": told}
    return json.dumps(body, ensure_ascii=False).encode()


#: Of an event's detail. What else stands there is ours.
_TOLD = frozenset(
    {
        *("issue", "campaign", "audience", "why", "by", "accepted", "bounced", "failed", "suppressed", "uncertain"),
        *("code", "status", "later"),
    }
)


def sign(call_id: int, body: bytes, secrets: list[str], now: datetime) -> dict[str, str]:
    """The headers of a call: its id, the time, and a signature of both and the body by each secret."""
    name, at = f"msg_{call_id}", str(int(now.timestamp()))
    signed = f"{name}.{at}.".encode() + body
    signatures = [hmac.digest(base64.b64decode(each.removeprefix(MARK)), signed, "sha256") for each in secrets]
    written = " ".join(f"v1,{base64.b64encode(each).decode()}" for each in signatures)
    return {
        "Content-Type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": at,
        "webhook-signature": written,
    }
