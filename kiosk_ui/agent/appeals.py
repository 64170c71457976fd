"""What an agent reads of an appeal against a verdict, as markup: the way to it, and what became of it. Pure."""

from markupsafe import Markup

from contracts.appeal_result import AppealResult, DatedEvidence
from contracts.channels_api import ClaimAppeal, ClaimVerdict, RegistrationView
from kiosk_ui.agent.reader import Reader, chip
from kiosk_ui.wall.markup import div, icon, span, tag


def appeal(row: RegistrationView, verdict: ClaimVerdict, reader: Reader) -> Markup | None:
    """The channel's appeal against this verdict, or the button that files one; None when it is too late for it."""
    t = reader.t
    if verdict.appeal is not None:
        return _told(row.office, verdict.appeal, reader)
    if not verdict.may_appeal or verdict.appeal_until is None:
        return None
    button = tag(
        "button",
        icon("gavel"),
        span(t("agent.appeal.file")),
        cls="ac-btn ac-btn-outline ac-btn-small",
        type="button",
        data_appeal=f"{row.registration_id} {verdict.verdict_id}",
        data_test="agent-appeal",
    )
    until = span(t("agent.appeal.until", at=reader.at(verdict.appeal_until, row.office)), cls="ag-sub")
    return div(button, until, cls="ag-appeal-way")


def _told(office: str, made: ClaimAppeal, reader: Reader) -> Markup:
    t = reader.t
    filed = span(t("agent.appeal.on", at=reader.at(made.filed_at, office)), cls="ag-sub")
    return div(
        div(chip(made.state, t(f"agent.appeal.{made.state}")), filed, cls="ag-top"),
        div(t(f"agent.appeal.{made.state}_words"), cls="ag-strong"),
        div(t("agent.appeal.mine", text=made.text), cls="ag-said") if made.text else None,
        div(t("agent.appeal.refusal", why=t.code("codes.problem", made.refusal))) if made.refusal else None,
        div(t("agent.appeal.reason", text=made.reason), cls="ag-said") if made.reason else None,
        None if made.result is None else _result(office, made.result, reader),
        cls="ag-appeal",
        data_test="agent-appeal-state",
        data_state=made.state,
    )


def _result(office: str, result: AppealResult, reader: Reader) -> Markup:
    t = reader.t
    said = t("agent.appeal.result", source=t(f"verdicts.source.{result.source}"), paid=_paid(result, reader))
    return div(
        div(said, cls="ag-strong"),
        div(t("verdicts.rule", rule=t.code("codes.rule", result.rule))),
        tag("ol", [_fact(office, each, reader) for each in result.evidence], cls="ag-facts"),
        data_test="agent-appeal-result",
    )


def _paid(result: AppealResult, reader: Reader) -> str:
    return reader.t(f"agent.appeal.paid_{result.paid_to}")


def _fact(office: str, fact: DatedEvidence, reader: Reader) -> Markup:
    """Of other people's evidence that it exists, and when."""
    kind = reader.t.code("verdicts.fact", fact.kind)
    words = kind if fact.own or fact.kind == "arrival" else reader.t("verdicts.exists", kind=kind)
    return tag("li", span(reader.at(fact.at, office), cls="ag-sub"), span(words))
