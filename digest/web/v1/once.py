"""Idempotency-Key: a request that names itself is done once (draft-ietf-httpapi-idempotency-key-header).

    the same name, the same request      the same answer, and nothing is done again
    the same name, another request       422
    the first is still being done        409; also after a kill in the midst of it, for nobody can know then

Names are a key's own and are remembered for 24 hours. Only what was done is remembered: what was refused may be tried again. The
answer is kept sealed, for it may hold what is shown once.
"""

import hashlib
from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from digest.model.errors import BadInput
from digest.model.keys import token_hash
from digest.operators.sealed import seal, unseal
from digest.store.answers import Answered
from digest.web.v1.caller import Caller, find_caller
from digest.web.v1.problems import NO_STORE, InProgress

MOST_NAME = 255
PURPOSE = "kept answer"
Handle = Callable[[Request], Awaitable[Response]]


async def answer_once(request: Request, name: str, handle: Handle) -> Response:
    if not (0 < len(name) <= MOST_NAME and name.isascii() and name.isprintable() and " " not in name):
        raise BadInput(f"An Idempotency-Key has 1 to {MOST_NAME} characters of ASCII, without spaces.")
    caller = await run_in_threadpool(find_caller, request)
    hashed, said = token_hash(f"{caller.key.id}\0{name}"), await _hash(request)
    if before := await run_in_threadpool(_begin, caller, hashed, said):
        return _again(caller, before, said)
    try:
        response = await handle(request)
    except BaseException:
        await run_in_threadpool(_give_up, caller, hashed)
        raise
    await run_in_threadpool(_finish, caller, hashed, response)
    return response


async def _hash(request: Request) -> str:
    head = f"{request.method}\0{request.url.path}\0{request.url.query}\0".encode()
    return hashlib.sha256(head + await request.body()).hexdigest()


def _again(caller: Caller, before: Answered, said: str) -> Response:
    if before.request_hash != said:
        raise BadInput("This Idempotency-Key was used for another request; take another name for this one.")
    if not before.is_done:
        raise InProgress("The request of this Idempotency-Key is being done, or was cut short: look what became of it.")
    body = unseal(caller.app.keys, PURPOSE, before.body)
    headers = NO_STORE | {"Idempotent-Replayed": "true"}
    return Response(body, before.status, headers, media_type="application/json" if body else None)


def _begin(caller: Caller, hashed: str, said: str) -> Answered | None:
    with caller.app.store.write() as tx:
        return tx.answers.begin(hashed, said, caller.app.now())


def _give_up(caller: Caller, hashed: str) -> None:
    with caller.app.store.write() as tx:
        tx.answers.give_up(hashed)


def _finish(caller: Caller, hashed: str, response: Response) -> None:
    body = seal(caller.app.keys, PURPOSE, bytes(response.body).decode())
    with caller.app.store.write() as tx:
        tx.answers.finish(hashed, response.status_code, body)
