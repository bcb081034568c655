"""The readers' pages and the JSON endpoints. No page needs a script, a cookie or anything from another host.

    site.create_app(app)                the routes behind their fence, for any ASGI server
    server.serve(app, host, port)       by uvicorn, until it is told to stop; `running` does it beside something else
    public.py, api.py, embed.py         sign up: our forms, JSON, a box in other sites' pages; knock.py is their common way
    puzzle.py                           proof of work, which static/embed.js solves
    confirmation.py                     the link in the mail that asks: confirm, or ask for a new one
    leaving.py, preferences.py          unsubscribe, or get less; choices, another address
    person.py                           what fresh links lead to: one's data, a change of address
    archive.py, bulletins.py            former issues as pages and as feeds, for everybody; the same for one reader
    colours.py                          pages in the colours of a theme and a brand
    v1/                                 the operators' API; admin/ has their pages
    fence.py                            headers, size limits, the access log; nothing gets in or out but through it

No GET or HEAD changes anything: scanners follow every link (house rule 10).
"""

from digest.web.server import running, serve
from digest.web.site import create_app

__all__ = ["create_app", "running", "serve"]
