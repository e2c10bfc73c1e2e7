"""Checks a token's status, scopes and end: by LinkedIn's introspection, else by the token file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pendulum

from tap_linkedin_dma.api.clock import Clock
from tap_linkedin_dma.api.errors import MixedScopes, TokenRejected
from tap_linkedin_dma.api.products import Product
from tap_linkedin_dma.auth import oauth
from tap_linkedin_dma.auth.bearer import BearerToken
from tap_linkedin_dma.auth.scopes import reject_mixed_scopes
from tap_linkedin_dma.commands.doctor.findings import Finding
from tap_linkedin_dma.rows.conversion import int_or_none

_SHORT_S = 14 * 24 * 60 * 60
"""Seconds before a token's end at which `doctor` begins to note it."""

_DAY_S = 24 * 60 * 60


def token_finding(product: Product, config: Mapping[str, Any], token: BearerToken, clock: Clock) -> Finding:
    """The state of a token before it is used.

    Args:
        product: the token's product.
        config: the tap's settings.
        token: as a run uses it.
        clock: where the time comes from.
    """
    tokens, now = token.tokens, clock.now().timestamp()
    if tokens.access_token is None:
        return Finding("token", product.setting, "ok", "None yet: LinkedIn gives one for the refresh_token.")
    told = _introspect(config, tokens.access_token, clock)
    scope = told.get("scope") or tokens.scope
    ends = int_or_none(told.get("expires_at")) or tokens.expires_at
    left = None if ends is None else int((ends - now) // _DAY_S)
    facts = {"scope": scope, "expires_at": ends, "days_left": left, "is_renewed": token.can_renew}
    says = _facts(scope, ends, left)
    problem = _problem(product, told, scope, ends, now, can_renew=token.can_renew) or _mixed(scope, config)
    if problem:
        return Finding("token", product.setting, "wrong", problem, facts)
    if ends is not None and ends - now < _SHORT_S and not token.can_renew:
        return Finding("token", product.setting, "note", f"{says}. {product.log_in}.", facts)
    unsure = str(told.get("unsure", ""))
    return Finding("token", product.setting, "note" if unsure else "ok", f"{says}. {unsure}".strip(), facts)


def _introspect(config: Mapping[str, Any], token: str, clock: Clock) -> Mapping[str, Any]:
    """LinkedIn's report on the token, which only its own app gets; otherwise `unsure` says why there is none."""
    if not oauth.has_client(config):
        return {}
    try:
        told = oauth.introspect(config, token, clock)
    except TokenRejected as refused:
        return {"unsure": str(refused)}
    is_of_another = not told.get("active") and "status" not in told
    return {"unsure": "LinkedIn does not know it as a token of this client_id."} if is_of_another else told


def _mixed(scope: str | None, config: Mapping[str, Any]) -> str:
    """The reason why the token may not be used with these data."""
    try:
        reject_mixed_scopes(scope, config)
    except MixedScopes as mixed:
        return str(mixed)
    return ""


def _facts(scope: str | None, ends: int | None, left: int | None) -> str:
    """The facts on a token, in words without the last full stop."""
    known = [f"{left} days left, until {pendulum.from_timestamp(ends).to_date_string()}"] if ends is not None else []
    known += [f"Scope: {scope}"] if scope else []
    unknown = [*(["Expiry"] if ends is None else []), *([] if scope else ["Scope"])]
    advice = f"{' and '.join(unknown).capitalize()} unknown. Set client_id and client_secret to check"
    return ". ".join([*known, *([advice] if unknown else [])])


def _problem(
    product: Product, told: Mapping[str, Any], scope: str | None, ends: int | None, now: float, *, can_renew: bool
) -> str:
    is_over = told.get("active") is False or (ends is not None and ends <= now)
    if is_over and not can_renew:
        return f"The token is no longer valid ({told.get('status', 'expired')}). {product.log_in}."
    if scope and not any(one.startswith(product.scopes) for one in scope.replace(",", " ").split()):
        return f"The token has the scope {scope}, and needs one that begins with {product.scopes}. {product.log_in}."
    return ""
