"""Every page of the desk, and an office in which each has something to show."""

from digest.audience.segments import add_segment
from digest.audience.suppress import suppress_address
from digest.model.webhook import Topic
from digest.operators.webhooks import add_webhook
from tests.web.admin.week import Week

#: Every page, as its route has it, and where one of its kind is.
PAGES = {
    "": "",
    "/account": "/account",
    "/account/second-factor": "/account/second-factor",
    "/campaigns/{number}": "/campaigns/1",
    "/feeds": "/feeds",
    "/imports": "/imports",
    "/issues": "/issues",
    "/issues/{number}": "/issues/2",
    "/issues/{number}/as-reader": "/issues/2/as-reader?reader=reader1@example.org",
    "/issues/{number}/dry-run": "/issues/2/dry-run",
    "/issues/{number}/send": "/issues/2/send",
    "/keys": "/keys",
    "/lists": "/lists",
    "/lists/{name}": "/lists/weekly",
    "/lists/{name}/look": "/lists/weekly/look",
    "/log-in": "/log-in",
    "/operators": "/operators",
    "/readers": "/readers",
    "/readers/many": "/readers/many?act=unsubscribe:weekly&list=weekly&who=all",
    "/readers/{number}": "/readers/1",
    "/record": "/record",
    "/reports": "/reports",
    "/reports/{number}": "/reports/1",
    "/segments": "/segments",
    "/segments/{number}": "/segments/1",
    "/settings": "/settings",
    "/suppressions": "/suppressions",
    "/webhooks": "/webhooks",
    "/webhooks/{number}": "/webhooks/1",
    "/welcome/{token}": "/welcome/unknown",
}
NO_PAGES = {
    *("/issues/{number}/preview", "/lists/{name}/look/preview"),  # mails, looked at elsewhere
    *("/campaigns/{number}/live", "/lists/{name}/feeds.opml"),
    *("/log-in/with", "/log-in/back"),  # lead to another site, and back
}


def furnish(week: Week) -> None:
    """Something of everything beside the issue that was sent: the next one, a segment, a webhook, a suppression."""
    world = week.office.world
    app = world.app
    week.add_articles(2, first=4)
    week.add_from_elsewhere("https://elsewhere.example/1")
    world.draft(week.issue().period.replace(day=30))
    add_segment(app.store, "town", ["domain is example.org"], now=app.now())
    add_webhook(
        app.store,
        app.keys,
        "https://hooks.example.org/digest",
        [Topic.CONFIRMED],
        now=app.now(),
        random=app.nonce() + app.nonce(),
    )
    suppress_address(app.store, app.keys, "gone@example.org", now=app.now())
