"""/api/openapi.json: what FastAPI makes of the handlers, with the form of our problems, which it does not know of."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from digest.web.v1.shapes import Problem


def describe(site: FastAPI, base_url: str) -> dict[str, Any]:
    """Made once."""
    if site.openapi_schema is None:
        made = get_openapi(
            title=site.title,
            version=site.version,
            openapi_version=site.openapi_version,
            summary=site.summary,
            routes=site.routes,
            servers=[{"url": base_url}],
        )
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        made["components"]["schemas"] |= problem.pop("$defs") | {"Problem": problem}
        site.openapi_schema = made
    return site.openapi_schema
