"""Who may ask the page and how much: each point of its safety."""

import json

import httpx
import pytest

from antitrypsim.web.guard import LARGEST_BODY

pytestmark = pytest.mark.contract

PATIENT = {"request": {"request": "patient", "people": 4}}
PATHS = ["/", "/index.html", "/api/house", "/api/jobs", "/api/openapi.json"]


def said(response, status):
    assert response.status_code == status, response.text
    found = response.json()
    assert set(found) == {"sentence", "key", "code"}
    assert "\n" not in found["sentence"]
    assert "Traceback" not in response.text
    return found["sentence"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer no"}, {"cookie": "x=y"}])
def test_nothing_is_told_without_the_token(served, path, headers):
    assert "needs the token" in said(
        httpx.get(served.base + path, headers=headers, timeout=60), 403
    )


def test_the_token_in_the_address_becomes_a_cookie_that_no_script_and_no_site_has(served):
    found = httpx.get(served.address, timeout=60)
    assert found.status_code == 303
    assert found.headers["location"] == "/"
    for word in ("HttpOnly", "SameSite=Strict", "Path=/"):
        assert word in found.headers["set-cookie"]
    with httpx.Client(follow_redirects=True, timeout=60) as reader:
        assert '<div id="page">' in reader.get(served.address).text
        assert reader.get(served.base + "/api/house").status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", ""])
def test_a_name_that_leads_here_by_another_host_is_refused(served, host):
    with served.client(host=host) as one:
        assert "not called so" in said(one.get("/api/house"), 403)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_another_origin_may_not_ask(served, origin):
    with served.client(origin=origin) as one:
        assert "another site" in said(one.post("/api/jobs", json=PATIENT), 403)
    with served.client(**{"sec-fetch-site": "cross-site"}) as one:
        assert "another site" in said(one.get("/api/house"), 403)
    with served.client(origin=served.base) as one:
        assert one.post("/api/strip", json=PATIENT).status_code == 200


@pytest.mark.parametrize("path", [*PATHS, "/assets/page.js", "/nothing"])
def test_every_answer_has_a_strict_policy(served, path):
    with served.client() as one:
        policy = one.get(path).headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "default-src 'none'" in policy


def test_what_is_too_long_is_refused_before_it_is_read(served):
    with served.client() as one:
        long = one.post("/api/read", content=b"x" * (LARGEST_BODY + 1))
        assert "no question" in said(long, 413)
        parts = one.post("/api/read", content=iter([b"x" * 1000] * 2000))
        assert "its length" in said(parts, 411)


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (BOMB, "too much"),
        ("[" * 5000, "too deeply"),
        ("!!python/object/apply:os.system [ls]", ""),
        ("request: patient\nseed: x", "whole number"),
        ("request: patient\nage: old", "number"),
        ("", "empty"),
        ("just words", "key: value"),
    ],
)
def test_text_that_is_no_question_is_one_sentence(served, text, told):
    with served.client() as one:
        assert told in said(one.post("/api/read", json={"text": text}), 422)


@pytest.mark.parametrize(
    "path",
    ["/api/jobs/..", "/api/jobs/..%2f..%2fetc", "/api/jobs/x/pictures/..%2f..%2f..%2fetc%2fpasswd",
     "/..%2f..%2f..%2fpyproject.toml", "/assets/..%2f..%2fapp.py", "/../app.py", "/assets/%00"],
)  # fmt: skip
def test_nothing_outside_is_read(served, path):
    with served.client() as one:
        assert one.get(path).status_code in (400, 404)


@pytest.mark.parametrize(
    ("request_", "key"),
    [
        ({"request": "run", "protocol": "/etc/passwd"}, "protocol"),
        ({"request": "run", "protocol": "../rapid.yaml"}, "protocol"),
        ({"request": "power", "design": "mine.yaml"}, "design"),
        ({"request": "compare", "therapies": ["augmentation:60mg/kg/week"], "population": "x.yaml"},
         "population"),
        ({"request": "compare",
          "therapies": {str(k): "augmentation:60mg/kg/week" for k in range(10_000)}}, "therapies"),
        ({"request": "patient", "therapy": "augmentation:60mg/kg/week+" * 1000}, "therapy"),
        ({"request": "mouse"}, "request"),
    ],
)  # fmt: skip
def test_a_page_opens_no_file_and_takes_no_more_than_a_question(served, request_, key):
    with served.client() as one:
        found = one.post("/api/jobs", json={"request": request_})
        said(found, 422)
        assert found.json()["key"] == key
        assert one.get("/api/jobs").json() == []


def test_a_body_that_is_no_json_is_one_sentence(served):
    with served.client() as one:
        assert "no question" in said(one.post("/api/jobs", content=b"{"), 422)
        assert "no question" in said(one.post("/api/jobs", content=json.dumps([1])), 422)
