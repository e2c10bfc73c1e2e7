"""The request parameters of a stream: templates, their overrides in the settings, and fallbacks."""

from __future__ import annotations

import logging
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from types import MappingProxyType
from typing import Any, TypeVar

import pendulum

from tap_linkedin_dma.api import restli, urns
from tap_linkedin_dma.api.errors import BadRequest
from tap_linkedin_dma.sync.batches import Context
from tap_linkedin_dma.sync.workers import Workers

_T = TypeVar("_T")

_WHOLE_TEMPLATE = re.compile(r"\{(\w+)\}")


class Fallbacks:
    """The forms of parameters that LinkedIn accepts in one kind of request; one thread at a time finds them out."""

    def __init__(self) -> None:
        self.refused: dict[str, int] = {}
        """How many forms of a parameter LinkedIn has refused."""

        self.is_confirmed = False
        """Whether LinkedIn has answered in this run, so that it accepts the request as it is sent."""

        self.finding = threading.Lock()


@dataclass(frozen=True)
class RequestRules:
    """A stream's attributes that describe its requests; see each of them in `DmaStream`."""

    name: str
    resource: str
    finder: str | None
    params: Mapping[str, object]
    param_fallbacks: Mapping[str, Sequence[Mapping[str, object]]]
    fallbacks_by: str
    page_size: int | None


class RequestTemplate:
    """Makes the requests of one stream, and finds out in which form LinkedIn accepts them.

    Args:
        rules: of the stream.
        config: the tap's settings.
        started_at: when the run began.
        workers: release the run lock while a thread waits.
        logger: logs a warning for each form that LinkedIn does not accept.
    """

    def __init__(
        self,
        rules: RequestRules,
        config: Mapping[str, Any],
        started_at: pendulum.DateTime,
        workers: Workers,
        logger: logging.Logger,
    ) -> None:
        self._rules = rules
        self._workers = workers
        self._logger = logger
        self.options: Mapping[str, Any] = config["stream_options"].get(rules.name, {})
        """This stream's part of the setting `stream_options`."""

        self.page_size: int | None = self.options.get("page_size", rules.page_size)
        language, _, country = config["locale"].partition("_")
        self._known = {
            "locale": {"language": language, "country": country},
            "plain_locale": config["locale"],
            "language": language,
            "country": country,
            "today_ms": int(started_at.start_of("day").timestamp() * 1000),
        }
        self._fallbacks: defaultdict[str, Fallbacks] = defaultdict(Fallbacks)

    @property
    def is_confirmed(self) -> bool:
        """Whether LinkedIn has answered in this run, so that it accepts the request as it is sent."""
        return any(fallbacks.is_confirmed for fallbacks in self._fallbacks.values())

    def uses_fallback(self, name: str) -> bool:
        """Whether another form of a parameter is sent."""
        return any(name in fallbacks.refused for fallbacks in self._fallbacks.values())

    def params(self, context: Context, **more: object) -> dict[str, object]:
        """The request's parameters for one context, with what `stream_options` overrides."""
        known = {
            **context,
            "organization_id": urns.key(context.get("organization", "")),
            "page_id": urns.key(context.get("organizational_page") or ""),
            **self._known,
        }
        templates = {**self._in_use(self._rules.params, self._fallbacks_of(context)), **more}
        params = {name: render(value, known) for name, value in templates.items()}
        overrides = {name: value for name, value in self.options.items() if name != "page_size"}
        return _merge(params, overrides)

    def address(self, params: Mapping[str, object]) -> tuple[str, Mapping[str, object]]:
        """The path of a request, and the other parameters for its query."""
        resource = self._rules.resource
        in_path = {name: restli.encode(params[name]) for _, name, _, _ in Formatter().parse(resource) if name}
        return resource.format_map(in_path), {name: v for name, v in params.items() if name not in in_path}

    def with_fallbacks(self, ask: Callable[[], _T], context: Context = MappingProxyType({})) -> _T:
        """LinkedIn's answer to `ask`, which is called again with the next form of a parameter that LinkedIn refuses.

        Until the first answer of the run, one request is made at a time, in all threads: two refusals of one form
        would skip the next. After it the forms are known, and a refusal is about the entity requested.

        Raises:
            BadRequest: if no form is left; the next call begins with the first form again.
        """
        fallbacks = self._fallbacks_of(context)
        if not fallbacks.is_confirmed:
            with self._workers.released():
                fallbacks.finding.acquire()
            try:
                if not fallbacks.is_confirmed:
                    return self._find_form(ask, fallbacks)
            finally:
                fallbacks.finding.release()
        return ask()

    def _fallbacks_of(self, context: Context) -> Fallbacks:
        return self._fallbacks[context.get(self._rules.fallbacks_by, "")]

    def _find_form(self, ask: Callable[[], _T], fallbacks: Fallbacks) -> _T:
        while True:
            try:
                answer = ask()
            except BadRequest as refused:
                if self._use_next_fallback(refused, fallbacks):
                    continue
                fallbacks.refused.clear()
                raise
            fallbacks.is_confirmed = True
            return answer

    def _use_next_fallback(self, refused: BadRequest, fallbacks: Fallbacks) -> bool:
        """Use the next form of a parameter that LinkedIn names as wrong, for the rest of the run.

        Returns:
            Whether there is one left; a parameter from the setting `stream_options` has no fallbacks.
        """
        forms = self._rules.param_fallbacks
        named = [name for name, others in forms.items() if {name}.union(*others) & refused.named]
        # If several are named, the one with the finder's name may stand for the finder.
        for name in sorted(named, key=lambda name: name == self._rules.finder):
            tried = fallbacks.refused.get(name, 0)
            if name not in self.options and tried < len(forms[name]):
                fallbacks.refused[name] = tried + 1
                self._logger.warning(
                    "%s: LinkedIn does not accept the parameter %s as it is sent. Form %d of it is tried; please "
                    "report to the tap's maintainers which one works.",
                    self._rules.name,
                    name,
                    tried + 2,
                )
                return True
        return False

    def _in_use(self, params: Mapping[str, object], fallbacks: Fallbacks) -> Mapping[str, object]:
        for name, tried in fallbacks.refused.items():
            kept = {other: value for other, value in params.items() if other != name}
            params = {**kept, **self._rules.param_fallbacks[name][tried - 1]}
        return params


def render(template: object, known: Mapping[str, Any]) -> object:
    """Fill the braces of a template with known values, at any depth."""
    if isinstance(template, str):
        whole = _WHOLE_TEMPLATE.fullmatch(template)
        return known[whole[1]] if whole else template.format_map(known)
    if isinstance(template, Mapping):
        return {name: render(value, known) for name, value in template.items()}
    if isinstance(template, Sequence):
        return [render(value, known) for value in template]
    return template


def _merge(params: Mapping[str, object], overrides: Mapping[str, object]) -> dict[str, object]:
    """The parameters with overrides; records are merged, and None leaves a parameter out."""
    merged = dict(params)
    for name, value in overrides.items():
        present = merged.get(name)
        both = isinstance(present, Mapping) and isinstance(value, Mapping)
        merged[name] = _merge(present, value) if both else value  # type: ignore[arg-type]
    return merged
