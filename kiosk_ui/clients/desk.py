"""The gateway's routes of the front desk: visits, search, merging. Part of `GatewayClient`."""

from typing import Literal

from pydantic import TypeAdapter

from contracts.gateway_api import AssignRequest, Explanation, HandOverRequest, VisitState, VisitView
from contracts.identity_api import (
    MergeDecision,
    MergePage,
    MergeRequest,
    MergeState,
    MergeView,
    PartyView,
    SearchPage,
    SearchRequest,
)
from contracts.marks_api import JoinersRequest, MarkedPeople, MarkPeopleRequest, NonCustomerRequest
from kiosk_ui.clients.calls import Calls

_VISITS = TypeAdapter(list[VisitView])
MergeStep = Literal["accept", "refuse", "end"]
_MARKS = TypeAdapter(list[MarkedPeople])


class DeskRoutes(Calls):
    # ---- visits
    async def visits(self, token: str, state: VisitState, limit: int = 100) -> list[VisitView]:
        """Newest first."""
        return _VISITS.validate_python(
            await self._call(token, "GET", "/v1/visits", params={"state": state, "limit": limit})
        )

    async def visit(self, token: str, visit_id: str) -> VisitView:
        return VisitView.model_validate(await self._call(token, "GET", f"/v1/visits/{visit_id}"))

    async def explanation(self, token: str, visit_id: str) -> Explanation:
        return Explanation.model_validate(await self._call(token, "GET", f"/v1/visits/{visit_id}/explanation"))

    async def assign(self, token: str, visit_id: str, request: AssignRequest) -> VisitView:
        """Problems `visit_closed`, `unknown_consultant`."""
        return VisitView.model_validate(await self._call(token, "POST", f"/v1/visits/{visit_id}/assign", request))

    async def hand_over(self, token: str, visit_id: str, request: HandOverRequest) -> VisitView:
        """Problems `not_serving`, `unknown_consultant`."""
        return VisitView.model_validate(await self._call(token, "POST", f"/v1/visits/{visit_id}/hand-over", request))

    async def depart(self, token: str, visit_id: str) -> VisitView:
        """The party was seen to leave."""
        return VisitView.model_validate(await self._call(token, "POST", f"/v1/visits/{visit_id}/departure"))

    async def join(self, token: str, visit_id: str, request: JoinersRequest) -> VisitView:
        """Problems `visit_closed`, `party_too_large`."""
        return VisitView.model_validate(await self._call(token, "POST", f"/v1/visits/{visit_id}/joiners", request))

    async def mark_non_customer(self, token: str, visit_id: str, request: NonCustomerRequest) -> VisitView:
        path = f"/v1/visits/{visit_id}/non-customer"
        return VisitView.model_validate(await self._call(token, "POST", path, request))

    async def unmark_non_customer(self, token: str, visit_id: str) -> VisitView:
        """Customers after all: a visit that went on when it was marked goes on."""
        return VisitView.model_validate(await self._call(token, "DELETE", f"/v1/visits/{visit_id}/non-customer"))

    # ---- people at the door
    async def mark_people(self, token: str, request: MarkPeopleRequest) -> MarkedPeople:
        return MarkedPeople.model_validate(await self._call(token, "POST", "/v1/door/non-customers", request))

    async def unmark_people(self, token: str, mark_id: str) -> MarkedPeople:
        return MarkedPeople.model_validate(await self._call(token, "DELETE", f"/v1/door/non-customers/{mark_id}"))

    async def marked_people(self, token: str) -> list[MarkedPeople]:
        """Today's, newest first."""
        return _MARKS.validate_python(await self._call(token, "GET", "/v1/door/non-customers"))

    # ---- who somebody is
    async def visits_of(self, token: str, customer_id: str, limit: int = 20) -> list[VisitView]:
        """Newest first, on whichever of their files."""
        asked: dict[str, str | int] = {"customer_id": customer_id, "limit": limit}
        return _VISITS.validate_python(await self._call(token, "GET", "/v1/visits", params=asked))

    async def buying_party(self, token: str, customer_id: str) -> PartyView:
        return PartyView.model_validate(await self._call(token, "GET", f"/v1/customers/{customer_id}/party"))

    async def search(self, token: str, request: SearchRequest) -> SearchPage:
        """Problems `unreadable_search`, `too_many_lookups`."""
        return SearchPage.model_validate(await self._call(token, "POST", "/v1/customers/search", request))

    async def erase_customer(self, token: str, customer_id: str) -> None:
        """For good. Problem `not_found`."""
        await self._call(token, "DELETE", f"/v1/customers/{customer_id}")

    async def propose_merge(self, token: str, key: str, request: MergeRequest) -> MergeView:
        """Problems `proposed_already`, `already_merged`, `kept_is_merged`, `merged_speaks_for_others`."""
        return MergeView.model_validate(await self._call(token, "POST", "/v1/merges", request, key=key))

    async def merges(self, token: str, state: MergeState | None = None) -> list[MergeView]:
        """Newest first; without a state all of them."""
        asked: dict[str, str | int] = {} if state is None else {"state": state}
        return MergePage.model_validate(await self._call(token, "GET", "/v1/merges", params=asked)).items

    async def decide_merge(
        self, token: str, key: str, merge: MergeView, answer: MergeStep, decision: MergeDecision
    ) -> MergeView:
        """Of the proposal as it was read. Problems `decided`, `changed_meanwhile`."""
        path, seen = f"/v1/merges/{merge.merge_id}/{answer}", str(merge.revision)
        return MergeView.model_validate(await self._call(token, "POST", path, decision, key=key, seen=seen))
