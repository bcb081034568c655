"""An article that has no page of its own, such as a folder's text: where its headline in a mail leads."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from digest.links import Purpose
from digest.model.errors import NotFound
from digest.web.desk import AtDesk

routes = APIRouter(include_in_schema=False)

#: What strangers wrote, sanitised when it was read; a browser is told to run nothing of it all the same.
ARTICLE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' http: https:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


@routes.api_route("/a/{token}", methods=["GET", "HEAD"])
def read_article(desk: AtDesk, token: str) -> HTMLResponse:
    numbers = desk.app.links.read(Purpose.ARTICLE, token)
    if numbers is None or len(numbers) != 1:
        raise NotFound("This link is not complete. Open it from the mail again, or copy all of it.")
    with desk.app.store.read() as tx:
        article = tx.articles.get(numbers[0])
        if article is None:
            raise NotFound("This article is not kept any more.")
        mailing_list = tx.lists.of_article(numbers[0])
    return desk.pages.show(
        "article.html",
        headers={"Content-Security-Policy": ARTICLE_POLICY, "X-Robots-Tag": "noindex"},
        mailing_list=mailing_list,
        article=article,
        body=Markup(article.body_html),  # noqa: S704  sanitised by sources, and nothing else is kept
    )
