"""What the face steps decide without asking anybody. Pure."""

from typing import get_args
from urllib.parse import urlsplit

from contracts.faces_api import ConsentRequest, ConsentText, Guardian
from contracts.gateway_api import CheckInResult, Draft, Relation
from contracts.values import Phone

RELATIONS: tuple[Relation, ...] = get_args(Relation)
ALREADY_KNOWN = "already_known"
"""The face is enrolled under another number: trying again would end the same way."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def offered(result: CheckInResult, draft: Draft) -> bool:
    """Whether the last page may offer recognition: never to somebody who has just said no."""
    return result.face == "ask" and not draft.refused


def guardian(draft: Draft) -> Guardian | None:
    """The guardian as typed so far; None while something is missing."""
    if draft.guardian_relation is None:
        return None
    try:
        return Guardian(phone=Phone.parse(draft.guardian_digits), relation=draft.guardian_relation)
    except ValueError:
        return None


def consent_request(result: CheckInResult, draft: Draft, text: ConsentText, *, yes: bool) -> ConsentRequest:
    """A no carries nothing but itself; a yes for a child carries the guardian."""
    who = guardian(draft) if yes else None
    return ConsentRequest(
        visit_id=result.visit_id,
        text_version=text.version,
        language=draft.language,
        answer="yes" if yes else "no",
        under_14=who is not None,
        guardian=who,
    )


def on_this_machine(preview_url: str | None) -> str:
    """The preview's address when it is on the kiosk's own loopback, else empty: no picture comes over a network."""
    if not preview_url:
        return ""
    parts = urlsplit(preview_url)
    return preview_url if parts.scheme == "http" and parts.hostname in LOOPBACK else ""
