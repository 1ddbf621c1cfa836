"""The service: its addresses, who may use it, and what is answered."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Query, Request
from fastapi.params import Depends as DependsOn
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import ValidationError
from starlette.middleware.trustedhost import TrustedHostMiddleware

import recbole_fn
from recbole_fn.serving.answers import Answer, Answers, Question
from recbole_fn.serving.batching import Batcher
from recbole_fn.serving.pages import front_page, openapi_page
from recbole_fn.serving.schema import Asked, Health, Items, Mistakes, Recommended

LOCAL = ("127.0.0.1", "localhost")
_MOST_BYTES = 1 << 20  # of a body
_MOST_ROWS = 256  # histories of a batch
_BODY = {"required": True, "content": {"application/json": {"schema": Asked.model_json_schema()}}}
# Pages load nothing from elsewhere, and no other page shows them in a frame.
_POLICY = (
    "default-src 'none'; connect-src 'self'; img-src data:; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


def make_app(answers: Answers, token: str | None = None) -> FastAPI:
    """The service of a model.

    Args:
        answers: Answers questions with the model.
        token: What a client must send as `Authorization: Bearer ...`; None for everyone on this
            machine, as long as they call it by a name of this machine.

    Example:
        `serving.running` lets uvicorn serve it:

        >>> app = make_app(Answers(loaded))
        >>> {"/health", "/items", "/recommend"} <= {route.path for route in app.routes}
        True
    """
    batcher: Batcher[Question, Answer] = Batcher(answers, _MOST_ROWS)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with batcher:
            yield

    app = FastAPI(
        title="recbole_fn",
        version=recbole_fn.__version__,
        lifespan=lifespan,
        docs_url=None,  # FastAPI's own page loads its script from elsewhere
        redoc_url=None,
    )
    if token is None:  # a page elsewhere whose name is turned to this machine has another host
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(LOCAL))
    app.add_exception_handler(ValidationError, _malformed)
    allowed = [] if token is None else [Depends(_holder_of(token))]
    _add_recommending(app, batcher, allowed)
    _add_looking(app, answers, allowed, token is not None)
    return app


def _add_recommending(
    app: FastAPI, batcher: Batcher[Question, Answer], allowed: Sequence[DependsOn]
) -> None:
    @app.post(
        "/recommend",
        dependencies=allowed,
        summary="Items that continue histories",
        openapi_extra={"requestBody": _BODY},
        responses={422: {"model": Mistakes, "description": "a malformed body"}},
    )
    async def recommend(request: Request) -> Recommended:
        asked = Asked.model_validate_json(await _body(request))
        return Recommended.of(await asyncio.gather(*map(batcher.ask, asked.questions())))


def _add_looking(
    app: FastAPI, answers: Answers, allowed: Sequence[DependsOn], needs_token: bool
) -> None:
    config = answers.loaded.config
    about = Health(
        status="ok", model=config["model"], dataset=config["dataset"], items=len(answers.names)
    )

    @app.get("/health", summary="Whether the service answers, and with which model")
    async def health() -> Health:
        return about

    @app.get("/items", dependencies=allowed, summary="Items whose names begin with a text")
    async def items(
        prefix: Annotated[str, Query(max_length=256)] = "",
        most: Annotated[int, Query(ge=1, le=1000)] = 20,
    ) -> Items:
        return Items(items=answers.beginning_with(prefix, most))

    @app.get("/", include_in_schema=False)
    async def page() -> HTMLResponse:
        return _page(front_page(about.model, about.dataset, about.items, needs_token))

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return _page(openapi_page(app.openapi()))


def _holder_of(token: str) -> Callable[..., None]:
    """Refuses whoever does not send the token."""
    bearer = HTTPBearer(auto_error=False)

    def check(
        sent: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)] = None,
    ) -> None:
        given = "" if sent is None else sent.credentials
        if not secrets.compare_digest(given.encode(), token.encode()):
            words = "the header Authorization must be: Bearer, and the token of this service"
            raise HTTPException(401, words, {"WWW-Authenticate": "Bearer"})

    return check


async def _body(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > _MOST_BYTES:
            raise HTTPException(413, f"the body must have at most {_MOST_BYTES} bytes")
    return b"".join(parts)


async def _malformed(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ValidationError)
    return JSONResponse(Mistakes.of(error).model_dump(), 422)


def _page(html: str) -> HTMLResponse:
    headers = {"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff"}
    return HTMLResponse(html, headers=headers)
