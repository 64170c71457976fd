"""Files that an office merged are one customer at head office too, and two again once the merge ends."""

from sqlalchemy import select

from central.calls.tables import Call
from contracts.facts import CallRecorded, CustomerMerged
from contracts.ids import uuid7
from tests.central.head_office import NOON, HeadOffice, Outbox, customer, visit


async def test_a_merged_file_is_read_as_the_kept_one_until_the_merge_ends(head_office: HeadOffice) -> None:
    outbox, one, other, merge_id = Outbox(), uuid7(), uuid7(), uuid7()
    seal = head_office.files.seals["yunqi"]

    def merge(state: str, revision: int) -> CustomerMerged:
        return CustomerMerged.model_validate(
            {
                "merge_id": merge_id,
                "revision": revision,
                "kept_id": one,
                "merged_id": other,
                "state": state,
                "at": NOON,
            }
        )

    files = [customer(seal, customer_id=one), customer(seal, customer_id=other, phone="+8613911112345")]
    visits = [visit(customer_id=one), visit(customer_id=other)]
    answer = await head_office.send([outbox.event(d) for d in (*files, *visits, merge("merged", 2))])
    assert (answer.taken, answer.rejected) == (5, 0)
    listed = (await head_office.get("/v1/customers"))["items"]
    assert [(item["customer_id"], item["visits"]) for item in listed] == [(one, 2)]
    assert (await head_office.get(f"/v1/customers/{other}"))["customer_id"] == one

    await head_office.send([outbox.event(merge("ended", 3))])
    listed = (await head_office.get("/v1/customers"))["items"]
    assert sorted((item["customer_id"], item["visits"]) for item in listed) == sorted([(one, 1), (other, 1)])


async def test_a_call_is_taken_once(head_office: HeadOffice) -> None:
    ids = {"call_id": uuid7(), "customer_id": uuid7(), "consultant_id": uuid7(), "at": NOON}
    outbox = Outbox()
    answer = await head_office.send([outbox.event(CallRecorded.model_validate(ids)) for _ in range(2)])
    assert (answer.taken, answer.rejected) == (2, 0)
    async with head_office.runtime.database.read() as session:
        (call,) = (await session.scalars(select(Call))).all()
    assert (call.office, call.call_id, call.consultant_id) == ("yunqi", ids["call_id"], ids["consultant_id"])
