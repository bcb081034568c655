"""The readers' pages and the JSON endpoint. No page needs a script, a cookie or anything from another host.

    site.create_app(app)                the routes behind their fence, for any ASGI server
    server.serve(app, host, port)       by uvicorn, until it is told to stop; `running` does it beside something else
    public.py                           sign up: forms and the API
    reader.py                           what links in mails lead to: confirm, unsubscribe, preferences
    archive.py, bulletins.py            former issues as pages and as feeds, for everybody; the same for one reader
    fence.py                            headers, size limits, the access log; nothing gets in or out but through it

No GET or HEAD changes anything: scanners follow every link (house rule 10).
"""

from digest.web.server import running, serve
from digest.web.site import create_app

__all__ = ["create_app", "running", "serve"]
