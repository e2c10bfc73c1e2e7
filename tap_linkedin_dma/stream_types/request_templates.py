"""What a stream asks LinkedIn with: parameters, what the settings make of them, and guesses."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from string import Formatter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from tap_linkedin_dma.api import restli, urns
from tap_linkedin_dma.api.errors import AccessDenied, BadRequest, DmaError, NotFound, ShortListing, VersionRejected
from tap_linkedin_dma.stream_types.client import DmaStream
from tap_linkedin_dma.sync.batches import Context
from tap_linkedin_dma.sync.run_context import RunContext

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap

_T = TypeVar("_T")

_WHOLE_TEMPLATE = re.compile(r"\{(\w+)\}")


class Fallbacks:
    """Which forms of parameters LinkedIn takes in one kind of request; one thread at a time finds that out."""

    def __init__(self) -> None:
        self.refused: dict[str, int] = {}
        """How many forms of a parameter LinkedIn has refused."""

        self.is_confirmed = False
        """Whether LinkedIn has answered in this run, so that it takes the request as it is sent."""

        self.finding = threading.Lock()


class AskingStream(DmaStream):
    """A stream whose requests are attributes: templates, filled with what is known of a parent."""

    evidence: ClassVar[str] = "documented"
    """How sure the stream's request is: documented, derived, observed, sibling or inferred."""

    finder: ClassVar[str | None] = None
    """The finder's name, the `q` of the query."""

    params: ClassVar[Mapping[str, object]] = {}
    """Request parameters; "{organization}" stands for that column of the parent.

    One that `resource` has in braces stands there, not in the query.
    """

    param_fallbacks: ClassVar[Mapping[str, Sequence[Mapping[str, object]]]] = {}
    """By parameter: what to send in its place, in this order, where LinkedIn names it as wrong."""

    page_size: ClassVar[int | None] = None
    """Elements in a page of a listing; None leaves that to LinkedIn."""

    def __init__(self, tap: Tap, connection: RunContext) -> None:
        super().__init__(tap, connection)
        self._fallbacks = Fallbacks()

    def fallbacks(self, context: Context) -> Fallbacks:
        """Those of the requests about this parent."""
        return self._fallbacks

    @property
    def is_confirmed(self) -> bool:
        """Whether LinkedIn has answered in this run, so that it takes the request as it is sent."""
        return self._fallbacks.is_confirmed

    def request_params(self, context: Context, **more: object) -> dict[str, object]:
        """The request's parameters for one parent, with what `stream_options` overrides."""
        language, _, country = self.config["locale"].partition("_")
        known = {
            **context,
            "organization_id": urns.key(context.get("organization", "")),
            "page_id": urns.key(context.get("organizational_page") or ""),
            "locale": {"language": language, "country": country},
            "plain_locale": self.config["locale"],
            "language": language,
            "country": country,
            "today_ms": int(self.connection.started_at.start_of("day").timestamp() * 1000),
        }
        templates = {**self._with_fallbacks_in_use(self.params, self.fallbacks(context)), **more}
        params = {name: render(value, known) for name, value in templates.items()}
        overrides = {name: value for name, value in self.options.items() if name != "page_size"}
        return _merge(params, overrides)

    def address(self, params: Mapping[str, object]) -> tuple[str, Mapping[str, object]]:
        """The path of a request, and the parameters that are left for its query."""
        in_path = {name: restli.encode(params[name]) for _, name, _, _ in Formatter().parse(self.resource) if name}
        return self.resource.format_map(in_path), {name: v for name, v in params.items() if name not in in_path}

    def with_fallbacks(self, ask: Callable[[], _T], context: Context = MappingProxyType({})) -> _T:
        """What LinkedIn answers, as often as it takes to find the forms of parameters that it takes.

        Until the first answer of the run one request goes at a time, whoever asks: two refusals of one form would
        pass over the next. After it the forms are known: what is refused then is what was asked about.

        Raises:
            BadRequest: where no form is left; the next one to ask begins with the first form again.
        """
        fallbacks = self.fallbacks(context)
        if not fallbacks.is_confirmed:
            with self.connection.run_lock.released():
                fallbacks.finding.acquire()
            try:
                if not fallbacks.is_confirmed:
                    return self._find_form(ask, fallbacks)
            finally:
                fallbacks.finding.release()
        return ask()

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
        """Take the next form of a parameter that LinkedIn names as wrong, for the rest of the run.

        Returns:
            Whether there is one left; what the setting `stream_options` says is no guess.
        """
        named = [name for name, others in self.param_fallbacks.items() if {name}.union(*others) & refused.named]
        # Where several are named, the one that is called like the finder may stand for the finder.
        for name in sorted(named, key=lambda name: name == self.finder):
            tried = fallbacks.refused.get(name, 0)
            if name not in self.options and tried < len(self.param_fallbacks[name]):
                fallbacks.refused[name] = tried + 1
                self.logger.warning(
                    "%s: LinkedIn does not take the parameter %s as it is sent. Form %d of it is tried; which "
                    "one works is worth reporting to the tap's maintainers.",
                    self.name,
                    name,
                    tried + 2,
                )
                return True
        return False

    def uses_fallback(self, name: str) -> bool:
        """Whether another form of a parameter is sent."""
        return name in self._fallbacks.refused

    def _with_fallbacks_in_use(self, params: Mapping[str, object], fallbacks: Fallbacks) -> Mapping[str, object]:
        for name, tried in fallbacks.refused.items():
            kept = {other: value for other, value in params.items() if other != name}
            params = {**kept, **self.param_fallbacks[name][tried - 1]}
        return params

    @property
    def options(self) -> Mapping[str, Any]:
        """This stream's part of the setting `stream_options`."""
        return cast("Mapping[str, Any]", self.config["stream_options"].get(self.name, {}))

    @property
    def wanted_page_size(self) -> int | None:
        return cast("int | None", self.options.get("page_size", self.page_size))

    @property
    def skippable_errors(self) -> tuple[type[DmaError], ...]:
        """What LinkedIn may answer without ending the run; a guess may be wrong in more ways."""
        always = (AccessDenied, NotFound, ShortListing)
        return (*always, BadRequest, VersionRejected) if self.evidence == "inferred" else always


def render(template: object, known: Mapping[str, Any]) -> object:
    """Put what is known into the braces of a template, at any depth."""
    if isinstance(template, str):
        whole = _WHOLE_TEMPLATE.fullmatch(template)
        return known[whole[1]] if whole else template.format_map(known)
    if isinstance(template, Mapping):
        return {name: render(value, known) for name, value in template.items()}
    if isinstance(template, Sequence):
        return [render(value, known) for value in template]
    return template


def _merge(params: Mapping[str, object], overrides: Mapping[str, object]) -> dict[str, object]:
    """The parameters with the overrides in their place; records are merged, None leaves a parameter out."""
    merged = dict(params)
    for name, value in overrides.items():
        present = merged.get(name)
        both = isinstance(present, Mapping) and isinstance(value, Mapping)
        merged[name] = _merge(present, value) if both else value  # type: ignore[arg-type]
    return merged
