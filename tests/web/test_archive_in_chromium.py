"""The archive in a real browser: whatever strangers wrote runs nothing, and everybody can read it."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Literal

import pytest
from playwright.sync_api import Browser, Dialog, Page, Response

from digest.model.address import Address, Mailbox
from digest.model.article import Article
from digest.model.mailing_list import Archive
from digest.web import running
from tests.doubles.browser import violations
from tests.looks.camera import open_browser
from tests.pipeline.world import World, make_world
from tests.web.newsroom import add_issues, change_list, headline, keep_picture, publish_week

#: Each tries to leave a mark on the page, and to be seen by whoever asks the user something.
RUN = "document.documentElement.dataset.ran=1;alert(1)"
PAYLOADS = (
    f'"><script>{RUN}</script>',
    f"</title></style></textarea><img src=x onerror={RUN}>",
    f"'><svg/onload={RUN}>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<a href=javascript:{RUN} autofocus onfocus={RUN}>x</a>",
    f"{{{{''.__class__}}}}<details open ontoggle={RUN}>",
    f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror={RUN}&gt;'>",
    f"]]><script>{RUN}</script><!--",
)
INDEX = "/lists/weekly/archive"


@dataclass
class Shelf:
    """A site on a port, and a browser to look at it."""

    world: World
    url: str
    browser: Browser

    def paths(self) -> dict[str, str]:
        """What there is to look at, once an issue was published."""
        app, list_id = self.world.app, self.world.mailing_list.id
        with app.store.read() as tx:
            edition = tx.editions.of_issue(1)
            reader = tx.subscribers.find(Address.parse("reader0@example.org"))
        assert edition is not None
        assert reader is not None
        own = {"view": app.links.view(edition.id), "own feed": app.links.feed(reader.id, list_id)}
        return {
            "index": INDEX,
            "second page": f"{INDEX}?page=2",
            "issue": "/lists/weekly/issues/1",
            "missing": "/lists/weekly/issues/4711",
            "sign-up": "/lists/weekly",
            "Atom": "/lists/weekly/feed.atom",
            "JSON": "/lists/weekly/feed.json",
            **{name: link.removeprefix("https://news.example.org") for name, link in own.items()},
        }


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def shelf(sqlite_url: str, browser: Browser) -> Iterator[Shelf]:
    with ExitStack() as open_:
        world = make_world(sqlite_url)
        open_.callback(world.app.close)
        world.subscribe(1)
        port = open_.enter_context(running(world.app))
        yield Shelf(world, f"http://127.0.0.1:{port}", browser)


# nothing runs


def spoil(world: World, week: int, payload: str) -> None:
    """Everything that anybody may write becomes the payload, in an issue of its own."""

    def spoiled(article: Article) -> Article:
        words = dict.fromkeys(("title", "summary", "publisher", "author", "agency", "language"), payload)
        picture = article.picture and replace(article.picture, alt=payload, credit=payload)
        return replace(article, **words, picture=picture, url=f"javascript:{RUN}//{week}")  # type: ignore[arg-type]  # all are texts

    sender = Mailbox(Address("news", "example.org"), payload)
    change_list(world, title=payload, tagline=payload, postal_address=payload, topics=(payload,), sender=sender)
    publish_week(world, week, change=spoiled, topics=(payload,))


@pytest.mark.parametrize("guarded", [True, False], ids=["as it is", "without its policy"])
def test_nothing_that_anybody_wrote_runs(shelf: Shelf, guarded: bool) -> None:
    """With the policy (CSP) and the sandbox switched off too: they are the second lock."""
    issues = range(1, len(PAYLOADS) + 1)
    for week, payload in enumerate(PAYLOADS):
        spoil(shelf.world, week, payload)
    context = shelf.browser.new_context(bypass_csp=not guarded)
    asked: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page = context.new_page()
    page.on("dialog", dismiss)
    page.route("**/*", lambda route: route.continue_() if route.request.url.startswith(shelf.url) else route.abort())
    visits = [*shelf.paths().values(), *(f"/lists/weekly/issues/{number}" for number in issues)]
    for title in PAYLOADS:  # those of the list itself
        change_list(shelf.world, title=title, tagline=title, postal_address=title)
        for path in visits:
            if _open(page, f"{shelf.url}{path}") is None:
                continue  # downloaded: no browser shows it
            assert "data-ran" not in page.content().partition("<head")[0], path
            if not guarded:
                assert page.evaluate(ACTIVE) == [], path
        visits = [INDEX, "/lists/weekly/issues/1", "/lists/weekly", "/lists/weekly/issues/4711"]
    assert asked == []
    context.close()


#: Whatever could run in a document: scripts but our own, handlers, links that are scripts.
ACTIVE = """() => [...document.querySelectorAll('*')].flatMap(each => [
    ...(/^(script|iframe|object|embed|form)$/i.test(each.tagName) && each.getAttribute('method') !== 'post'
        && each.getAttribute('src')?.split('?')[0] !== '/static/embed.js' ? [each.tagName] : []),
    ...[...each.attributes].filter(one => /^on/i.test(one.name) || /^\\s*javascript:/i.test(one.value)).map(one => one.name),
])"""


def _open(page: Page, url: str) -> Response | None:
    """None for what the browser would rather keep than show."""
    try:
        return page.goto(url)
    except Exception as error:
        if "Download is starting" not in str(error) and "ERR_ABORTED" not in str(error):
            raise
        return None


def test_the_browser_forbids_a_script_that_an_operators_own_template_brings(shelf: Shelf) -> None:
    """The test above would see one, were there any: here the policy alone stands in its way."""
    publish_week(shelf.world, 0)
    page = shelf.browser.new_page()
    page.goto(f"{shelf.url}/lists/weekly/issues/1")
    policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    page.route(
        "**/tried",
        lambda route: route.fulfill(
            content_type="text/html", body=f"<script>{RUN}</script>", headers={"Content-Security-Policy": policy}
        ),
    )
    page.route("**/free", lambda route: route.fulfill(content_type="text/html", body=f"<script>{RUN}</script>"))
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.goto(f"{shelf.url}/tried")
    assert "data-ran" not in page.content()
    page.goto(f"{shelf.url}/free")
    assert "data-ran" in page.content()
    page.close()


# everybody can read it


@pytest.mark.parametrize(("language", "scheme", "width"), [("en", "light", 1000), ("ar", "dark", 360)])
def test_no_page_bars_the_way(shelf: Shelf, language: str, scheme: Literal["light", "dark"], width: int) -> None:
    keep_picture(shelf.world)
    change_list(shelf.world, language=language, tagline="What the coast talked about", archive=Archive.PUBLIC)
    for week in range(2):
        publish_week(shelf.world, week)
    with shelf.world.app.store.write() as tx:
        add_issues(tx, shelf.world, 20)  # for a second page
    paths = {name: path for name, path in shelf.paths().items() if name not in {"Atom", "JSON", "own feed"}}
    found = []
    context = shelf.browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
        locale=language,
        bypass_csp=True,  # axe is a script
    )
    page = context.new_page()
    page.route("**/*", lambda route: route.continue_() if route.request.url.startswith(shelf.url) else route.abort())
    for name, path in paths.items():
        page.goto(f"{shelf.url}{path}")
        found += [f"{name}: {said}" for said in violations(page)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{name}: wider than its window")
    context.close()
    assert found == []


def test_an_issue_can_be_reached_and_left_by_keyboard_alone_and_without_scripts(shelf: Shelf) -> None:
    for week in range(2):
        publish_week(shelf.world, week)
    context = shelf.browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{shelf.url}{INDEX}")
    ways = {headline(1, 0): "/lists/weekly/issues/2", "Previous issue": "/lists/weekly/issues/1", "All issues": INDEX}
    for name, path in ways.items():
        link = page.get_by_role("link", name=name).first
        link.focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"{shelf.url}{path}")
    context.close()
