"""The API keeps what /api/openapi.json says of it, whatever it is sent (schemathesis, in this process, bounded)."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from digest.model.subscriber import SubscriptionState
from tests.web.v1.conftest import Programs

EXAMPLES = 3  # of each operation
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
#: They change whose key it is, so that all others would be refused; or ask the network.
APART = {
    "PATCH /api/v1/operators/{number}",
    "DELETE /api/v1/keys/{number}",
    "POST /api/v1/lists/{name}/feeds",
    "POST /api/v1/lists/{name}/feeds/read",
    "POST /api/v1/issues/{number}/lint",
}


def test_the_schema_is_kept(programs: Programs) -> None:
    world = programs.world
    world.subscribe(3)
    world.subscribe_one("new@example.org", SubscriptionState.PENDING)
    world.add_articles(4)
    world.publish()
    key = programs.key()
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", programs.office.site.app)
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    ours = [each for each in operations if each.path.startswith("/api/v1") and each.label not in APART]
    assert len(ours) > 40
    for operation in ours:
        hold_against_schema(operation, key)


def hold_against_schema(operation: Any, key: str) -> None:
    @given(case=operation.as_strategy())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def check(case: Any) -> None:
        response = case.call(headers={"Authorization": f"Bearer {key}"})
        case.validate_response(response, checks=CHECKS)

    check()
