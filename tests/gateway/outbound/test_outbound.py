"""To whom anything leaves, how it is signed, and what counts as taken."""

import base64
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.outbound.client import OutboundClient, SendError
from gateway.outbound.domain import AddressError, check_address, key_of, signed_headers, wait_after
from tests.gateway.outbound.receiver import DIES, SECRET, SILENT, Received, receiving, says

HOSTS = ("crm.example.com", "127.0.0.1", "::1", "localhost", "intranet")


@pytest.mark.parametrize(
    "url",
    [
        "https://crm.example.com/hook?tenant=1",
        "https://CRM.example.com:8443/",
        "http://127.0.0.1:9/x",
        "http://[::1]/x",
    ],
)
def test_addresses_that_may_be_sent_to(url: str) -> None:
    assert check_address(url, HOSTS) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example.com/",
        "https://other.example.com/",
        "https://crm.example.com.evil.net/",
        "https://evil@crm.example.com/",
        "https://crm.example.com/#part",
        "http://intranet/",
        "ftp://crm.example.com/",
        "file:///etc/passwd",
        "https://",
        "https://crm.example.com:port/",
        "https://[::",
        "",
    ],
)
def test_addresses_that_nothing_is_sent_to(url: str) -> None:
    with pytest.raises(AddressError):
        check_address(url, HOSTS)


def test_the_example_of_the_published_specification() -> None:
    """The vector that the reference libraries of Standard Webhooks are tested with."""
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed_headers(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_c2hvcnQ=", "c2hvcnQ=", "whsec_***", base64.b64encode(b"x" * 32).decode()]
)
def test_secrets_that_are_none(secret: str) -> None:
    with pytest.raises(ValueError):
        key_of(secret)


@given(st.binary(max_size=200), st.binary(max_size=200), st.integers(0, 2**33))
def test_a_signature_fits_its_own_body_and_time_only(body: bytes, other: bytes, at: int) -> None:
    signed = Received("/", signed_headers(key_of(SECRET), "msg_1", at, body), body)
    assert signed.is_signed()
    assert Received("/", signed.headers, other).is_signed() == (other == body)
    assert not Received("/", signed.headers | {"webhook-timestamp": str(at + 1)}, body).is_signed()


@given(st.integers(1, 30), st.floats(0, 1))
def test_waits_double_up_to_five_minutes_and_jitter_takes_half_at_most(failures: int, chance: float) -> None:
    wait, whole = wait_after(failures, chance), wait_after(failures, 0.0)
    assert whole == min(timedelta(minutes=5), timedelta(seconds=2 ** (failures - 1)))
    assert whole / 2 <= wait <= whole


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (says("500 Internal Server Error"), "status_500"),
        (says("404 Not Found"), "status_404"),
        (says("302 Found", "Location: http://127.0.0.1:1/"), "redirect_refused"),
        (says("200 OK", body="x" * 20_000), "answer_too_long"),
        (DIES, "no_answer:RemoteProtocolError"),
        (SILENT, "timeout"),
        (b"nonsense\r\n\r\n", "no_answer:RemoteProtocolError"),
    ],
)
async def test_what_is_not_taken_says_why(answer: bytes, code: str) -> None:
    async with receiving() as receiver:
        receiver.answer = answer
        client = OutboundClient(["127.0.0.1"], 0.2)
        with pytest.raises(SendError) as refused:
            await client.post(receiver.url(), b"{}", {})
        await client.close()
        assert refused.value.code == code
        assert len(receiver.received) == 1


async def test_too_many_says_when_to_come_again() -> None:
    async with receiving() as receiver:
        receiver.answer = says("429 Too Many Requests", "Retry-After: 7")
        client = OutboundClient(["127.0.0.1"], 1)
        with pytest.raises(SendError) as refused:
            await client.post(receiver.url(), b"{}", {})
        await client.close()
    assert (refused.value.code, refused.value.retry_after) == ("status_429", 7)


async def test_a_host_that_nobody_named_is_never_called() -> None:
    async with receiving() as receiver:
        client = OutboundClient([], 1)
        with pytest.raises(SendError, match="host_not_allowed"):
            await client.post(receiver.url(), b"{}", {})
        await client.close()
        assert receiver.received == []
