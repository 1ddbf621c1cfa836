"""The service's answers, its codes for any body, its pages, and who may use it."""

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import recbole_fn
from recbole_fn.recommendation.loading import Loaded
from tests.helpers.from_schema import ANYTHING, allowed, odd
from tests.helpers.page_checks import Page, assert_self_contained
from tests.helpers.saved_runs import saved_run

pytest.importorskip("fastapi", reason="needs the extra serve")
pytest.importorskip("httpx", reason="needs the extra test")
jsonschema = pytest.importorskip("jsonschema", reason="Ray brings it")
from fastapi.testclient import TestClient  # noqa: E402

from recbole_fn.serving.answers import Answers  # noqa: E402
from recbole_fn.serving.app import make_app  # noqa: E402

TOKEN = "0123456789abcdef"
HERE = "http://127.0.0.1"


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    return Answers(Loaded.from_file(saved_run(tmp_path_factory.mktemp("saved"))[1]))


@pytest.fixture(scope="module")
def client(answers):
    with TestClient(make_app(answers), HERE) as client:
        yield client


@pytest.fixture(scope="module")
def schema(client):
    operation = client.get("/openapi.json").json()["paths"]["/recommend"]["post"]
    return operation["requestBody"]["content"]["application/json"]["schema"]


@pytest.mark.slow
def test_lists_are_those_of_recommend(client, answers):
    histories = [["i1", "i5"], ["i7", "x"]]
    body = {"histories": histories, "k": 4, "exclude": "none"}
    lists = client.post("/recommend", json=body).json()["lists"]
    frame = recbole_fn.recommend(
        answers.loaded, histories=dict(enumerate(histories)), k=4, exclude="none"
    )
    assert [one["item"] for part in lists for one in part["items"]] == list(frame["item"])
    assert [part["unknown"] for part in lists] == [[], ["x"]]
    assert [part["popular"] for part in lists] == [False, False]


def test_health_and_items(client):
    health = {"status": "ok", "model": "SASRec", "dataset": "tiny", "items": 50}
    assert client.get("/health").json() == health
    assert client.get("/items", params={"prefix": "i4", "most": 2}).json()["items"] == ["i4", "i40"]
    assert client.get("/items", params={"most": 0}).status_code == 422


@pytest.mark.slow
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_body_is_answered_or_malformed(client, schema, data):
    body = data.draw(allowed(schema) | odd(schema) | ANYTHING)
    sent = json.dumps(body, ensure_ascii=data.draw(st.booleans())).encode("utf-8", "surrogatepass")
    response = client.post("/recommend", content=sent)
    try:  # as strict as JSON is: no NaN, no half of a pair of surrogates
        json.dumps(body, allow_nan=False, ensure_ascii=False).encode()
        is_json = True
    except ValueError:
        is_json = False
    validator = jsonschema.Draft202012Validator(schema)
    is_whole = not (isinstance(body, dict) and isinstance(body.get("k"), float))
    valid = is_json and is_whole and validator.is_valid(body)
    assert response.status_code == (200 if valid else 422), body
    if valid:
        assert len(response.json()["lists"]) == len(body["histories"])
    else:
        assert response.json()["detail"][0]["msg"]


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(sent=st.binary(max_size=20) | st.integers(1, 100_000).map(lambda n: b"[" * n))
def test_every_text_is_malformed(client, sent):
    assert client.post("/recommend", content=sent).status_code == 422


def test_a_body_that_is_too_large_is_refused(client):
    assert client.post("/recommend", content=b" " * ((1 << 20) + 1)).status_code == 413


def test_pages_load_nothing_from_elsewhere(client):
    for path in ("/", "/docs"):
        response = client.get(path)
        assert_self_contained(Page(response.text))
        assert not re.search(r"https?://", response.text)
        assert response.headers["content-security-policy"].startswith("default-src 'none'")
    for name in ("POST /recommend", "GET /health", "GET /items", "422: a malformed body"):
        assert name in Page(client.get("/docs").text).text


def test_another_host_is_refused_without_a_token(client):
    body = {"histories": [["i1"]]}
    assert client.post("/recommend", json=body, headers={"Host": "a.org"}).status_code == 400
    assert client.post("/recommend", json=body, headers={"Host": "localhost:80"}).is_success


def test_with_a_token_only_who_has_it_is_answered(answers):
    body = {"histories": [["i1"]]}
    with TestClient(make_app(answers, TOKEN), "http://a.org") as client:
        for sent in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Basic {TOKEN}"}):
            assert client.post("/recommend", json=body, headers=sent).status_code == 401
            assert client.post("/recommend", content=b"{", headers=sent).status_code == 401
            assert client.get("/items", headers=sent).status_code == 401
        holder = {"Authorization": f"Bearer {TOKEN}"}
        assert client.post("/recommend", json=body, headers=holder).is_success
        assert client.get("/items", headers=holder).is_success
        assert client.get("/health").is_success and 'type="password"' in client.get("/").text
        assert TOKEN not in client.get("/").text
