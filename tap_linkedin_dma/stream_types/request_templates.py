"""The request parameters of a stream: templates, their overrides in the settings, and fallbacks."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from types import MappingProxyType
from typing import Any, TypeVar

import pendulum

from tap_linkedin_dma.api import restli, urns
from tap_linkedin_dma.api.canonical_json import canonical_json
from tap_linkedin_dma.api.errors import BadRequest
from tap_linkedin_dma.state.request_forms import RequestForms
from tap_linkedin_dma.sync.batches import Context
from tap_linkedin_dma.sync.workers import Workers

_T = TypeVar("_T")

_WHOLE_TEMPLATE = re.compile(r"\{(\w+)\}")


class Fallbacks:
    """The forms of parameters that LinkedIn accepts in one kind of request; one thread at a time finds them out."""

    def __init__(self, first: Mapping[str, int]) -> None:
        self.first = first
        """The form of a parameter that is sent first, if LinkedIn accepted another than the stream's own before: its
        place among the fallbacks, from 1."""

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
        forms: what the state keeps of the fallbacks that LinkedIn has accepted.
        logger: logs a warning for each form that LinkedIn does not accept.
    """

    def __init__(
        self,
        rules: RequestRules,
        config: Mapping[str, Any],
        started_at: pendulum.DateTime,
        workers: Workers,
        forms: RequestForms,
        logger: logging.Logger,
    ) -> None:
        self._rules = rules
        self._workers = workers
        self._kept_forms = forms
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
        self._fallbacks: dict[str, Fallbacks] = {}

    @property
    def is_confirmed(self) -> bool:
        """Whether LinkedIn has answered in this run, so that it accepts the request as it is sent."""
        return any(fallbacks.is_confirmed for fallbacks in self._fallbacks.values())

    def uses_fallback(self, name: str) -> bool:
        """Whether another form of a parameter is sent."""
        return any(self._form(name, fallbacks) for fallbacks in self._fallbacks.values())

    def accepted_fallbacks(self) -> Mapping[str, int]:
        """The number of the fallback that LinkedIn has accepted in this run, from 1, by parameter."""
        confirmed = [fallbacks for fallbacks in list(self._fallbacks.values()) if fallbacks.is_confirmed]
        return {
            name: place
            for name in self._rules.param_fallbacks
            for fallbacks in confirmed
            if (place := self._form(name, fallbacks))
        }

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
        kind, fallbacks = self._kind(context), self._fallbacks_of(context)
        if not fallbacks.is_confirmed:
            with self._workers.released():
                fallbacks.finding.acquire()
            try:
                if not fallbacks.is_confirmed:
                    return self._find_form(ask, kind, fallbacks)
            finally:
                fallbacks.finding.release()
        return ask()

    def _fallbacks_of(self, context: Context) -> Fallbacks:
        kind = self._kind(context)
        if kind not in self._fallbacks:
            accepted, forms = self._kept_forms.accepted(kind), self._rules.param_fallbacks
            self._fallbacks[kind] = Fallbacks(
                {name: _place(forms.get(name, ()), form) for name, form in accepted.items() if name not in self.options}
            )
        return self._fallbacks[kind]

    def _kind(self, context: Context) -> str:
        """The kind of request that a context is for: of each LinkedIn may accept other forms."""
        return str(context.get(self._rules.fallbacks_by, ""))

    def _form(self, name: str, fallbacks: Fallbacks) -> int:
        """The form of a parameter that is sent: its place among the fallbacks, from 1; 0 for the stream's own."""
        first, refused = fallbacks.first.get(name, 0), fallbacks.refused.get(name, 0)
        others = [place for place in range(len(self._rules.param_fallbacks.get(name, ())) + 1) if place != first]
        return [first, *others][refused]

    def _remember(self, kind: str, fallbacks: Fallbacks) -> None:
        """Record in the state which fallbacks LinkedIn accepts, so that the next run begins with them."""
        forms = self._rules.param_fallbacks
        self._kept_forms.accept(
            kind, {name: forms[name][place - 1] for name in forms if (place := self._form(name, fallbacks))}
        )

    def _find_form(self, ask: Callable[[], _T], kind: str, fallbacks: Fallbacks) -> _T:
        while True:
            try:
                answer = ask()
            except BadRequest as refused:
                if self._use_next_fallback(refused, fallbacks):
                    continue
                fallbacks.refused.clear()
                raise
            fallbacks.is_confirmed = True
            self._remember(kind, fallbacks)
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
                self._logger.info(
                    "%s: LinkedIn refuses the parameter %s as it was sent, so form %d of %d is sent.",
                    self._rules.name,
                    name,
                    self._form(name, fallbacks) + 1,
                    len(forms[name]) + 1,
                )
                return True
        return False

    def _in_use(self, params: Mapping[str, object], fallbacks: Fallbacks) -> Mapping[str, object]:
        for name, forms in self._rules.param_fallbacks.items():
            if place := self._form(name, fallbacks):
                kept = {other: value for other, value in params.items() if other != name}
                params = {**kept, **forms[place - 1]}
        return params


def _place(forms: Sequence[Mapping[str, object]], accepted: object) -> int:
    """The place of a form among the fallbacks, from 1; 0 if this release does not have it."""
    return next((place for place, form in enumerate(forms, 1) if canonical_json(form) == canonical_json(accepted)), 0)


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
