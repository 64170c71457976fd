"""The same key, the same answer."""

from pathlib import Path

import pytest

from contracts.facts_api import FactCreated, FollowUpRequest
from contracts.ids import uuid7
from gateway.idempotency import Answer, find, once
from gateway.problems import ProblemError
from gateway.writer import UnitOfWork
from tests.gateway.running import Gateway, in_files_of


def request(reached: bool = True) -> FollowUpRequest:
    return FollowUpRequest(customer_id="00000000-0000-7000-8000-000000000000", channel="call", reached=reached)


async def test_the_work_is_done_once_and_the_answer_given_twice(gateway: Gateway, tmp_path: Path) -> None:
    done: list[str] = []

    def work() -> FactCreated:
        done.append(uuid7())
        return FactCreated(fact_id=done[-1])

    def unit(uow: UnitOfWork) -> Answer:
        return once(uow, gateway.context.keys, scope="facts", key="key-12345", work=work, request=request())

    first = await gateway.context.writer.run(unit)
    second = await gateway.context.writer.run(unit)
    assert (first.status, first.replayed, second.replayed) == (201, False, True)
    assert first.body == second.body
    assert len(done) == 1
    assert second.response().status_code == 200
    assert not in_files_of(tmp_path, done[0])
    with gateway.context.database.read() as session:
        assert find(session, gateway.context.keys, scope="facts", key="key-12345") == second
        assert find(session, gateway.context.keys, scope="sales", key="key-12345") is None


async def test_another_request_under_the_same_key_is_refused(gateway: Gateway) -> None:
    def unit(uow: UnitOfWork, reached: bool) -> Answer:
        made = FactCreated(fact_id=uuid7())
        keys = gateway.context.keys
        return once(uow, keys, scope="facts", key="key-12345", work=lambda: made, request=request(reached))

    await gateway.context.writer.run(lambda uow: unit(uow, True))
    with pytest.raises(ProblemError) as refused:
        await gateway.context.writer.run(lambda uow: unit(uow, False))
    assert (refused.value.status, refused.value.code) == (409, "idempotency_key_reused")


async def test_work_that_fails_leaves_the_key_free(gateway: Gateway) -> None:
    def fails() -> FactCreated:
        raise ValueError

    keys = gateway.context.keys
    with pytest.raises(ValueError):
        await gateway.context.writer.run(
            lambda uow: once(uow, keys, scope="facts", key="key-12345", work=fails, request=request())
        )
    with gateway.context.database.read() as session:
        assert find(session, keys, scope="facts", key="key-12345") is None
