"""The operators' desk: pages for those who run the newsletter, under /desk. None needs a script.

    gate.py       who is let in: each handler names the right it needs by the type of its seat; forms of other sites are refused
    seat.py       what a handler has: the App acting for its operator, and the desk's pages
    entrance.py   logging in, with a second factor; one-time links
    vouched.py    logging in by another site that says who somebody is (OpenID Connect)
    account.py    one's own password, second factor and sessions
    imports.py    readers from files, looked at first; ../uploads.py keeps the files meanwhile
    staff.py      operators, API keys, the record of acts
    changing.py   the settings, and those that may be changed while all of it runs
    webhooks.py   what other programs are told, and how the calls fare
    readers.py    search, one reader's whole story (sieve.py: its filters; many.py: many at once; suppressions.py)
    segments.py   saved filters over readers
    home.py       what needs somebody now, and what comes next
    lists.py, feeds.py     what appears when, and what it is made of; looks.py: what its mails look like
    issues.py     the issue desk; previews.py has its frames, proofs.py what they show, rendered once
    sending.py    a test, the dry run, approve, hold, send
    campaigns.py  what goes out just now, and the brake; watching.py looks for all who watch
    reports.py    what became of issues; charts.py draws it

A page shows what the verbs in pipeline/, audience/ and operators/ say, and its forms call them: so that the API and the
commands, which call the same, cannot drift from it. What they change is put on record by the verbs, as their operator's.
"""

from digest.web.admin import (
    account,
    campaigns,
    changing,
    entrance,
    feeds,
    home,
    imports,
    issues,
    lists,
    looks,
    many,
    previews,
    readers,
    reports,
    segments,
    sending,
    staff,
    suppressions,
    vouched,
    webhooks,
)

rooms = (
    *(entrance.routes, vouched.routes, home.routes, account.routes, staff.routes, changing.routes, webhooks.routes),
    *(
        lists.routes,
        looks.routes,
        feeds.routes,
        issues.routes,
        previews.routes,
        sending.routes,
        campaigns.routes,
        reports.routes,
    ),
    *(many.routes, readers.routes, suppressions.routes, segments.routes, imports.routes),
)
