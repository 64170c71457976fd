"""Files are masked, need-to-know, and revealing one is logged."""

from sqlmodel import select

from gateway.customers.tables import RevealRow
from tests.gateway.house import PIN_HASH, House
from tests.gateway.people import uid

PHONE = "13800112345"


async def served(house: House) -> tuple[str, str]:
    """A customer with a, and the visit."""
    await house.sign_in("a")
    arrived = await house.check_in(PHONE, name="陈小明")
    visit = await house.accept("a")
    return visit["customer"]["customer_id"], arrived["visit_id"]


async def test_who_serves_sees_it_masked_and_another_consultant_does_not(house: House) -> None:
    customer, _ = await served(house)
    card = await house.get("a", f"/v1/customers/{customer}")
    assert (card["phone"], card["name"], card["revealed"]) == ("138****2345", "陈**", False)
    for method, path in (("GET", ""), ("POST", "/reveal"), ("PATCH", ""), ("GET", "/timeline")):
        body = {} if method == "PATCH" else None
        answer = await house.call("b", method, f"/v1/customers/{customer}{path}", body, seen='"x"')
        assert (answer.status_code, answer.json()["code"]) == (403, "not_your_customer"), path


async def test_before_accepting_the_file_stays_closed(house: House) -> None:
    await house.sign_in("a")
    await house.check_in(PHONE)
    offer = await house.offer_of("a")
    customer = offer["visit"]["customer"]["customer_id"]
    assert (await house.call("a", "GET", f"/v1/customers/{customer}")).status_code == 403


async def test_revealing_shows_the_number_and_is_logged(house: House) -> None:
    customer, _ = await served(house)
    card = await house.post("a", f"/v1/customers/{customer}/reveal")
    assert (card["phone"], card["name"], card["revealed"]) == ("+8613800112345", "陈小明", True)
    with house.context.database.read() as session:
        (log,) = session.exec(select(RevealRow)).all()
    assert (log.customer_id, log.person_id) == (customer, uid("a"))


async def test_a_refused_reveal_shows_and_logs_nothing(house: House) -> None:
    customer, _ = await served(house)
    await house.call("b", "POST", f"/v1/customers/{customer}/reveal")
    with house.context.database.read() as session:
        assert session.exec(select(RevealRow)).all() == []


async def test_a_device_at_the_reception_reads_but_does_not_reveal(house: House) -> None:
    customer, _ = await served(house)
    assert (await house.get("reception", f"/v1/customers/{customer}"))["phone"] == "138****2345"
    assert (await house.call("reception", "POST", f"/v1/customers/{customer}/reveal")).status_code == 403


async def test_a_receptionist_reveals_and_is_named_in_the_log(house: House) -> None:
    customer, _ = await served(house)
    await receptionist(house)
    assert (await house.post("r", f"/v1/customers/{customer}/reveal"))["phone"] == "+8613800112345"
    with house.context.database.read() as session:
        assert [row.person_id for row in session.exec(select(RevealRow))] == [uid("r")]


async def receptionist(house: House) -> None:
    """Somebody at the front desk, signed in."""
    roster = {"person_id": uid("r"), "staff_no": "r", "name": "前台", "role": "reception", "pin_hash": PIN_HASH}
    body = {"office": "yunqi", "version": 2, "people": [roster]}
    assert (await house.call("admin", "PUT", "/v1/roster", body)).is_success
    await house.new_session("r")


async def test_patch_changes_only_what_is_given(house: House) -> None:
    customer, _ = await served(house)
    await house.edit_customer("a", customer, needs="三房，湖景", tags=["预算500万", "预算500万"])
    card = (await house.edit_customer("a", customer, name="陈大明")).json()
    assert (card["needs"], card["tags"], card["name"]) == ("三房，湖景", ["预算500万"], "陈**")


async def test_of_two_who_edit_one_file_the_second_is_told_and_changes_nothing(house: House) -> None:
    customer, _ = await served(house)
    path = f"/v1/customers/{customer}"
    read = (await house.call("a", "GET", path)).headers["ETag"]
    first = await house.call("m", "PATCH", path, {"needs": "三房"}, seen=read)
    second = await house.call("a", "PATCH", path, {"needs": "四房"}, seen=read)
    blind = await house.call("a", "PATCH", path, {"needs": "五房"})
    assert (first.status_code, second.status_code, second.json()["code"]) == (200, 412, "changed_meanwhile")
    assert (blind.status_code, blind.json()["code"]) == (428, "if_match_needed")
    assert (await house.get("a", path))["needs"] == "三房"


async def test_a_visit_meanwhile_does_not_disturb_who_edits_the_file(house: House) -> None:
    customer, visit = await served(house)
    path = f"/v1/customers/{customer}"
    read = (await house.call("a", "GET", path)).headers["ETag"]
    await house.post("a", f"/v1/visits/{visit}/finish", {"outcome": "toured"})
    house.clock.forward(hours=1)
    await house.check_in(PHONE)
    assert (await house.call("m", "PATCH", path, {"needs": "三房"}, seen=read)).status_code == 200


async def test_a_masked_name_is_never_saved(house: House) -> None:
    customer, _ = await served(house)
    answer = await house.edit_customer("a", customer, name="陈**")
    assert (answer.status_code, answer.json()["errors"]) == (422, [{"field": "name", "code": "masked_name"}])


async def test_unknown_customer_is_404(house: House) -> None:
    assert (await house.call("a", "GET", f"/v1/customers/{uid('z')}")).status_code == 404


async def test_nothing_personal_lies_in_the_clear(house: House) -> None:
    customer, visit = await served(house)
    await house.edit_customer("a", customer, needs="三房湖景")
    await house.post("a", f"/v1/visits/{visit}/finish", {"outcome": "toured", "note": "住城西路"})
    path = house.context.database.path
    stored = b"".join(p.read_bytes() for p in (path, path.with_name(path.name + "-wal")))
    for secret in ("13800112345", "陈小明", "三房湖景", "住城西路", "顾问a"):
        assert secret.encode() not in stored, secret


async def test_a_consultant_sees_only_visits_of_their_own(house: House) -> None:
    _, visit = await served(house)
    assert (await house.get("a", f"/v1/visits/{visit}"))["state"] == "serving"
    for path in ("", "/explanation"):
        answer = await house.call("b", "GET", f"/v1/visits/{visit}{path}")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_your_visit")
    finish = await house.call("b", "POST", f"/v1/visits/{visit}/finish", {"outcome": "left"})
    assert finish.status_code == 403
