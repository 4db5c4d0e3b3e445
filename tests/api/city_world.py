"""A founded city to call over HTTP, and callers who sign in as people do."""

from typing import Any

from flask import Flask

from people import check_digit, found_city

LOGIN, PASSWORD = "admin", "correct horse battery"
PHONE = "13800138000"
ID_NUMBER = "35010219900101123" + check_digit("35010219900101123")
SQUARE = {
    "type": "Polygon",
    "coordinates": [
        [[119.28, 26.08], [119.30, 26.08], [119.30, 26.10], [119.28, 26.10], [119.28, 26.08]]
    ],
}


class Caller:
    """Somebody with an access token, or nobody without one; speaks English."""

    def __init__(self, app: Flask, tokens: dict[str, Any] | None = None) -> None:
        self.app = app
        self.tokens = tokens or {}
        self.person_id = self.tokens.get("person_id", "")

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer to one request below /api/v1, with a JSON body where there is one."""
        headers["Accept-Language"] = "en"
        if self.tokens:
            headers["Authorization"] = f"Bearer {self.tokens['access_token']}"
        sent = {} if body is None else {"json": body}
        client = self.app.test_client()
        return client.open(f"/api/v1{path}", method=method, headers=headers, **sent)

    def get(self, path: str) -> Any:
        """The answer to a GET."""
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        """The answer to a POST."""
        return self.call("POST", path, body)

    def delete(self, path: str) -> Any:
        """The answer to a DELETE."""
        return self.call("DELETE", path)


def founded(app: Flask) -> tuple[Any, Caller]:
    """A city's root, and its admin signed in."""
    root, _ = found_city(
        "350100", "福州市", "Fuzhou", login=LOGIN, password=PASSWORD, nickname="管"
    )
    answer = Caller(app).post("/staff-sessions", {"login": LOGIN, "password": PASSWORD})
    assert answer.status_code == 201, answer.json
    return root, Caller(app, answer.json)


def by_phone(app: Flask, phone: str = PHONE, **more: Any) -> Caller:
    """Somebody who signed in with the code that the demo shows."""
    nobody = Caller(app)
    code = nobody.post("/phone-codes", {"phone": phone}).json["demo_code"]
    answer = nobody.post("/sessions", {"phone": phone, "code": code, **more})
    assert answer.status_code == 201, answer.json
    return Caller(app, answer.json)


def district(code: str = "350102", **properties: Any) -> dict[str, Any]:
    """An import of one district, as the body of a request."""
    named = {"code": code, "level": "district", "name": "鼓楼区", "name_en": "Gulou", **properties}
    return {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": named, "geometry": SQUARE}],
    }
