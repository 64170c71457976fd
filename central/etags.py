"""Two people at one thing: a change names the edition it was made on, and loses against one it had not seen."""

from typing import Annotated

from fastapi import Header

from central.problems import ProblemError

IfMatch = Annotated[str | None, Header(alias="If-Match")]


def etag(edition: int | str) -> str:
    return f'"{edition}"'


def check(seen: str | None, edition: int | str) -> None:
    """Raises ProblemError 428 `if_match_needed`, 412 `changed_meanwhile`."""
    if seen is None:
        raise ProblemError(428, "if_match_needed", "send If-Match with the ETag that you read")
    if seen.strip().removeprefix("W/") != etag(edition):
        raise ProblemError(412, "changed_meanwhile", "somebody changed it since you read it: read it again")
