"""The operators' desk: pages for those who run the newsletter, under /desk. None needs a script.

    gate.py       who is let in: each handler names the right it needs by the type of its seat; forms of other sites are refused
    seat.py       what a handler has: the App acting for its operator, and the desk's pages
    entrance.py   logging in, with a second factor; one-time links
    account.py    one's own password, second factor and sessions
    staff.py      operators, API keys, the record of acts
    readers.py       search, one reader's whole story (sieve.py: its filters; many.py: many at once; suppressions.py)
    segments.py      saved filters over readers
    home.py       what needs somebody now, and what comes next

A page shows what the verbs in pipeline/, audience/ and operators/ say, and its forms call them: so that the API and the
commands, which call the same, cannot drift from it. What they change is put on record by the verbs, as their operator's.
"""

from digest.web.admin import account, entrance, home, many, readers, segments, staff, suppressions

rooms = (
    *(entrance.routes, home.routes, account.routes, staff.routes),
    *(many.routes, readers.routes, suppressions.routes, segments.routes),
)
