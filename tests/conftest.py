"""Rules for every test: in CI nothing may be skipped, because a skipped broker, browser or database proves nothing."""

import os
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import settings

# A machine that is busy with other tests is no mistake of an example.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


def _forbid_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    expected_failure = hasattr(report, "wasxfail")
    if os.environ.get("CI") and report.skipped and not expected_failure:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason}\nCI is set: a skipped test is a failure; install what it needs."


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, pytest.TestReport]:
    report: pytest.TestReport = yield
    _forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, pytest.CollectReport]:
    report: pytest.CollectReport = yield
    _forbid_skip(report)
    return report


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The whole chain last: its browser stays open for the session, and holds the event loop others need."""
    items.sort(key=lambda item: "e2e" in item.path.parts)
