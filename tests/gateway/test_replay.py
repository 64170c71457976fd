"""What was decided can be decided again from what was stored with it."""

from sqlmodel import select

from gateway.attribution import store as verdicts
from gateway.attribution.domain import judge
from gateway.attribution.evidence import Evidence
from gateway.attribution.tables import VerdictRow
from gateway.policy import store as policies
from gateway.rota.domain import decide
from gateway.rota.model import Decision, Inputs
from gateway.rota.tables import TurnDecisionRow
from tests.gateway.house import House
from tests.gateway.people import uid


async def a_day(house: House) -> None:
    await house.sign_in("a", "b", "c")
    await house.post("a", "/v1/rota/away", {"reason": "lunch"})
    visits = [await house.check_in(f"1380000000{n}") for n in range(4)]
    for letter in ("b", "c"):
        await house.accept(letter)
    await house.post("b", f"/v1/visits/{visits[0]['visit_id']}/finish", {"outcome": "toured"})
    await house.post("a", "/v1/rota/back")
    house.clock.forward(minutes=20)
    await house.check_in("13800000000")
    await house.post(
        "manager", f"/v1/visits/{visits[1]['visit_id']}/assign", {"consultant_id": uid("b"), "reason": "x"}
    )
    await house.post("b", f"/v1/visits/{visits[1]['visit_id']}/hand-over", {"consultant_id": uid("a"), "reason": "y"})


async def test_every_turn_decision_replays(house: House) -> None:
    await a_day(house)
    with house.context.database.read() as session:
        rows = session.exec(select(TurnDecisionRow)).all()
        assert {"rota.next", "rota.wait", "rota.make_up", "assigned", "rota.handed_over"} <= {row.rule for row in rows}
        for row in rows:
            policy = policies.at(session, row.policy_version)
            again = decide(Inputs.model_validate_json(row.inputs), policy)
            assert again == Decision.model_validate_json(row.decision)


async def test_every_verdict_replays(house: House) -> None:
    await a_day(house)
    with house.context.database.read() as session:
        rows = session.exec(select(VerdictRow)).all()
        assert {"walk_in", "live_ownership"} == {row.rule for row in rows}
        for row in rows:
            policy = policies.at(session, row.policy_version)
            again = judge(Evidence.model_validate_json(row.evidence), policy, house.context.timezone)
            assert again == verdicts.said(row)


async def test_stored_decisions_name_nobody(house: House) -> None:
    await a_day(house)
    with house.context.database.read() as session:
        assert not any("顾问" in row.inputs + row.decision for row in session.exec(select(TurnDecisionRow)))
