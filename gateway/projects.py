"""Projects (项目) that the office sells, as requests name them."""

from gateway.context import Context
from gateway.problems import ProblemError


def project_of(context: Context, named: str) -> str:
    """The project named, or the only one that the office sells; empty: not known. Raises ProblemError 422
    `unknown_project`."""
    try:
        return context.config.project_of(named)
    except ValueError as error:
        raise ProblemError(422, "unknown_project", str(error)) from None
