"""Evidence that contradicts itself becomes a question: what the faces brought about waits until somebody answers."""

from collections.abc import Iterable

from gateway.context import Context
from gateway.greetings import ending, links
from gateway.greetings.domain import MISTAKEN
from gateway.greetings.tables import GreetingRow
from gateway.reviews import store as reviews
from gateway.reviews.tables import ReviewRow
from gateway.visits import links as visit_links
from gateway.visits import service as visit_service
from gateway.visits import store as visits
from gateway.visits.book import Sign
from gateway.visits.tables import VisitRow
from gateway.writer import UnitOfWork

MOVED = "asked_with_number"


def against_number(uow: UnitOfWork, context: Context, visit: VisitRow, greetings: Iterable[GreetingRow]) -> ReviewRow:
    """The number typed says one customer, these faces say others. One visit, one question."""
    review = reviews.on_visit(uow.session, visit.visit_id)
    if review is None:
        review = reviews.begin(uow, "face_conflict", visit_id=visit.visit_id)
        if visit.customer_id is not None:
            reviews.add_number(uow, review, visit.customer_id, uow.now)
    for greeting in greetings:
        earlier = reviews.open_of_greeting(uow.session, greeting)
        if earlier is None:
            _enter(uow, context, review, greeting)
        elif earlier.review_id != review.review_id:
            _move(uow, context, earlier, review)
    return review


def on_one_track(uow: UnitOfWork, context: Context, greetings: Iterable[GreetingRow], language: str) -> ReviewRow:
    """One person under the camera is recognised as two: a party that nobody knows yet, and a question about it."""
    asked = list(greetings)
    known = (reviews.open_of_greeting(uow.session, greeting) for greeting in asked)
    review = next((found for found in known if found is not None), None)
    if review is None:
        review = reviews.begin(uow, "two_faces_one_visit", visit_id=None)
    for greeting in asked:
        if greeting.review_id != review.review_id:
            _enter(uow, context, review, greeting)
    if review.visit_id is None:
        visit = visit_service.open_visit(
            uow,
            context,
            Sign("face", uow.now),
            customer=None,
            kind="unknown",
            party_size=1,
            purpose="return_visit",
            language=language,
        )
        review.visit_id = visit.visit_id
        uow.session.add(review)
        uow.session.flush()
    return review


def explained(uow: UnitOfWork, context: Context, greeting: GreetingRow) -> None:
    """The customer's own number shows that this greeting is right: its question needs no answer.

    The unknown party that a shared track had opened is theirs; who else was recognised on that track was not there.
    """
    review = reviews.open_of_greeting(uow.session, greeting)
    if review is None:
        return
    number = reviews.has_number(uow.session, review.review_id)
    reviews.put_away(uow, review, "number_agrees")
    greeting.review_id = None
    ending.changed(uow, greeting)
    if number:
        return
    for other in faces(uow, review):
        if other.greeting_id != greeting.greeting_id:
            links.reject(uow, context, other, "", "track_proven_other")


def faces(uow: UnitOfWork, review: ReviewRow) -> list[GreetingRow]:
    """The greetings that the review asks about."""
    found = (
        uow.session.get(GreetingRow, row.greeting_id)
        for row in reviews.candidates(uow.session, review.review_id)
        if row.greeting_id is not None
    )
    return [greeting for greeting in found if greeting is not None]


def hold(uow: UnitOfWork, context: Context, greeting: GreetingRow) -> None:
    """What it brought about is taken back while somebody is asked; it is not called wrong."""
    links.take_back(uow, context, greeting)
    greeting.how, greeting.visit_id = "ask", None
    ending.changed(uow, greeting)


def _enter(uow: UnitOfWork, context: Context, review: ReviewRow, greeting: GreetingRow) -> None:
    hold(uow, context, greeting)
    reviews.add_face(uow, review, greeting)


def _move(uow: UnitOfWork, context: Context, earlier: ReviewRow, review: ReviewRow) -> None:
    """A question about an unknown party becomes part of the question about the number that was typed."""
    reviews.put_away(uow, earlier, MOVED)
    visit = visits.get(uow.session, earlier.visit_id) if earlier.visit_id else None
    if visit is not None and visit.customer_id is None and visit_links.is_untouched(visit):
        visit_links.close_mistaken(uow, context, visit, MISTAKEN)
    for greeting in faces(uow, earlier):
        reviews.add_face(uow, review, greeting)
