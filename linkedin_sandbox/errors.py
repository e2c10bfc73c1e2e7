"""LinkedIn's refusals, with the bodies that it sends for them."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """An answer other than 200: its status, its JSON body and its extra headers."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        service_error: int | None = None,
        field: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.raw: bytes | None = None
        """What is sent in place of the body, if anything."""

        self.body: dict[str, Any] = {"status": status, "message": message}
        if service_error is not None:
            self.body["serviceErrorCode"] = service_error
        if code is not None:
            self.body["code"] = code
        if field is not None:
            self.body["errorDetailType"] = "com.linkedin.common.error.BadRequest"
            self.body["errorDetails"] = {
                "inputErrors": [{"input": {"inputPath": {"fieldPath": field}}, "code": code, "description": message}]
            }


def illegal(message: str, field: str | None = None) -> Refusal:
    """Text that cannot be read: bare colons, stray structure, a parameter given twice."""
    return Refusal(400, message, code="ILLEGAL_ARGUMENT", field=field)


def invalid(field: str, message: str) -> Refusal:
    """A value that can be read and is not one the parameter takes."""
    return Refusal(400, f"Invalid param '{field}': {message}", code="PARAM_INVALID", field=field)


def not_allowed(field: str) -> Refusal:
    """A parameter that the method does not have."""
    message = f"Query parameter '{field}' is not allowed"
    return Refusal(400, message, code="QUERY_PARAM_NOT_ALLOWED", field=field)


def denied(action: str) -> Refusal:
    """The member's role, or the token's scope, does not reach this far; `action` is ``dmaPosts.BATCH_GET``."""
    return Refusal(403, f"Not enough permissions to access: {action}", code="ACCESS_DENIED", service_error=100)


def not_found(what: str) -> Refusal:
    """A resource, key or method that does not exist."""
    return Refusal(404, f"Could not find {what}")


def too_long(what: str) -> Refusal:
    """A query, URL, path segment or head over its limit."""
    return Refusal(414, f"{what} is too long")


def version_missing() -> Refusal:
    """No LinkedIn-Version header; there is no default version."""
    headers = {"X-Restli-Gateway-Error": "true"}
    return Refusal(400, "A version must be present. Please specify a version", code="VERSION_MISSING", headers=headers)


def nonexistent_version(version: str) -> Refusal:
    """A version that is retired, never was, or is of another series."""
    return Refusal(426, f"Requested version {version}01 is not active", code="NONEXISTENT_VERSION")


def too_many_requests(limit: str = "APPLICATION_AND_MEMBER limit") -> Refusal:
    """A second request inside the resource's interval; or, with ``APPLICATION DAY limit``, one too many for today."""
    message = f"Resource level throttle {limit} for calls to this resource is reached."
    return Refusal(429, message, code="TOO_MANY_REQUESTS", service_error=101)


def empty_token() -> Refusal:
    """No Authorization header at all; this body carries no `code`."""
    return Refusal(401, "Empty oauth2_access_token", service_error=401)


def empty_bearer() -> Refusal:
    """A Bearer header with nothing in it."""
    return Refusal(401, "Empty oauth2_access_token", code="EMPTY_ACCESS_TOKEN", service_error=401)


def unknown_scheme() -> Refusal:
    """Another scheme than Bearer."""
    return Refusal(401, "Unknown authentication schema", service_error=65600)


def invalid_token() -> Refusal:
    """A token that was never issued, or was cut."""
    return Refusal(401, "Invalid access token", code="INVALID_ACCESS_TOKEN", service_error=65600)


def revoked_token() -> Refusal:
    """A token the member, or LinkedIn, took back."""
    message = "The token used in the request has been revoked by the user"
    return Refusal(401, message, code="REVOKED_ACCESS_TOKEN", service_error=65601)


def expired_token() -> Refusal:
    """A token past its 60 days."""
    message = "The token used in the request has expired"
    return Refusal(401, message, code="EXPIRED_ACCESS_TOKEN", service_error=65602)
