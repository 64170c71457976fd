"""Two people at one thing: a change names the revision it was made on, and loses against one it had not seen."""

from fastapi import Header

from gateway.problems import ProblemError


def etag(revision: int | str) -> str:
    return f'"{revision}"'


def if_match(if_match: str | None = Header(default=None, alias="If-Match")) -> str:
    """A dependency: the header's value. Raises ProblemError 428 `if_match_needed` without it."""
    if if_match is None:
        raise ProblemError(428, "if_match_needed", "send If-Match with the ETag that you read")
    return if_match.strip()


def check(seen: str, revision: int | str) -> None:
    """Raises ProblemError 412 `changed_meanwhile`."""
    if seen.removeprefix("W/") != etag(revision):
        raise ProblemError(412, "changed_meanwhile", "somebody changed it since you read it: read it again")
