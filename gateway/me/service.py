"""What one consultant's tablet needs to draw itself from nothing."""

from sqlmodel import Session

from contracts.gateway_api import OfferView, RuleNote
from contracts.rota_api import Me
from gateway.attribution import store as verdicts
from gateway.attribution.notes import FACE
from gateway.auth import Principal
from gateway.context import Context
from gateway.localtime import local_day
from gateway.offers import store as offers
from gateway.offers.tables import OfferRow
from gateway.problems import ProblemError
from gateway.rota import service as rota
from gateway.visits import store as visits
from gateway.visits.views import Views


def person_of(principal: Principal) -> str:
    """Raises ProblemError 403 `person_needed` for a device's token."""
    if principal.person_id is None:
        raise ProblemError(403, "person_needed", "sign in as a person")
    return principal.person_id


def read(context: Context, principal: Principal) -> Me:
    person_id = person_of(principal)
    with context.database.read() as session:
        views = Views.read(session, context)
        entries = {entry.consultant_id: entry for entry in rota.entries(session, context)}
        return Me(
            person_id=person_id,
            name=principal.name,
            role=principal.role,
            rota=entries.get(person_id),
            offers=[offer_view(session, views, offer) for offer in offers.pending_for(session, person_id=person_id)],
            serving=views.visits([v for v in views.line.serving if v.consultant_id == person_id]),
            recent=views.visits(visits.closed_by(session, person_id, local_day(context.clock(), context.timezone))),
            server_time=context.clock(),
        )


def offer_view(session: Session, views: Views, offer: OfferRow) -> OfferView:
    """`why`: the rota's reason, that the visitor was recognised, then what the verdict weighed."""
    visit = visits.get(session, offer.visit_id)
    if visit is None:
        raise LookupError(f"offer {offer.offer_id} of an unknown visit")
    verdict = verdicts.newest(session, offer.visit_id)
    turn = RuleNote(
        rule=offer.rule, outcome="won", reason=offer.rule.removeprefix("rota."), facts={"uses_turn": offer.uses_turn}
    )
    notes = [] if verdict is None else verdicts.notes(verdict)
    recognised = RuleNote(rule=FACE, outcome="won", reason="recognised")
    same = {"offer_id", "consultant_id", "state", "offered_at", "expires_at", "uses_turn", "rule"}
    return OfferView.model_validate(
        {
            **offer.model_dump(include=same),
            "why": [turn, *([recognised] if verdicts.names_face(notes) else []), *notes],
            "visit": views.visit(visit),
        }
    )
