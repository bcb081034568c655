"""The operators' API, under /api/v1: what the pages of the desk do, for programs, by the same verbs.

    gate.py          who is let in: each handler names the right it needs by the type of its caller
    caller.py        whose key it is
    allowance.py     how many requests a key may send
    once.py          Idempotency-Key: what was done is not done again
    shapes.py        what is answered; problems (RFC 9457), pages
    lists.py … messages.py, staff.py, settings.py    a file for each noun

A request carries a key (`Authorization: Bearer …`) and never a cookie, so that no other site's page can send one. No GET
changes anything. /api/openapi.json describes all of it; docs/operate/api.md has examples.
"""

from digest.web.v1 import (
    bulk,
    campaigns,
    feeds,
    imports,
    issues,
    lists,
    messages,
    segments,
    settings,
    staff,
    subscribers,
    suppressions,
    webhooks,
)

nouns = (
    lists,
    feeds,
    issues,
    campaigns,
    bulk,
    subscribers,
    segments,
    suppressions,
    imports,
    messages,
    staff,
    webhooks,
    settings,
)
rooms = (*(each.routes for each in nouns), imports.uploads)
