"""Facts into words and words into facts: durations, money, why an alert is mine, what to do next. Pure."""

from datetime import datetime
from decimal import Decimal, InvalidOperation

from contracts.gateway_api import CustomerView, OfferView, RuleNote, TimelineEntry, VisitView
from kiosk_ui.texts import Texts
from kiosk_ui.visitor.project import named

_YUAN_LIMIT = Decimal(10) ** 11
"""100 billion yuan, the gateway's limit of one amount."""


def ago(t: Texts, at: datetime, now: datetime) -> str:
    """How long ago, in the largest whole unit."""
    minutes = int((now - at).total_seconds() // 60)
    if minutes < 1:
        return t("consultant.time.now")
    if minutes < 60:
        return t("consultant.time.minutes", n=minutes)
    if minutes < 24 * 60:
        return t("consultant.time.hours", n=minutes // 60)
    return t("consultant.time.days", n=minutes // (24 * 60))


def fen_of_yuan(text: str) -> int:
    """`12,345.60` → 1234560.

    Raises ValueError with `amount_empty`, `amount_not_number`, `amount_too_fine` or `amount_too_large`.
    """
    bare = text.replace(",", "").replace("，", "").replace(" ", "").strip("¥￥元")
    if not bare:
        raise ValueError("amount_empty")
    try:
        yuan = Decimal(bare)
    except InvalidOperation as error:
        raise ValueError("amount_not_number") from error
    if not yuan.is_finite() or yuan < 0:
        raise ValueError("amount_not_number")
    if yuan > _YUAN_LIMIT:
        raise ValueError("amount_too_large")
    if yuan != round(yuan, 2):
        raise ValueError("amount_too_fine")
    return int(yuan * 100)


def yuan(fen: int) -> str:
    """`1234560` → `¥12,345.60`; whole yuan without decimals."""
    whole, rest = divmod(fen, 100)
    return f"¥{whole:,}" + (f".{rest:02d}" if rest else "")


def customer_name(t: Texts, visit: VisitView) -> str:
    """The name, else the masked phone, else that nothing is known."""
    customer = visit.customer
    if customer is None:
        return t("consultant.anonymous")
    return customer.name or customer.phone or t("consultant.anonymous")


def owned_by(t: Texts, customer: CustomerView) -> str:
    """Whose customer they are; of an office that sells several projects, in each. Empty where nobody's."""
    if not customer.owners:
        return customer.owner_name or ""
    if not any(each.owner_name for each in customer.owners):
        return ""
    nobody = t("verdict.nobody")
    told = [
        t("consultant.owner_in", project=named(each.project, t.language), name=each.owner_name or nobody)
        for each in customer.owners
    ]
    return t("consultant.owner_and").join(told)


def why_mine(t: Texts, offer: OfferView) -> str:
    """The rule that brought this visit to me."""
    return t.code("codes.rule", offer.rule)


def why_details(t: Texts, offer: OfferView) -> list[tuple[bool, str]]:
    """Each rule that was weighed and had something to say: (won, sentence). The rota's own rule is the headline."""
    return [
        (note.outcome == "won", _sentence(t, note, headline=offer.rule))
        for note in offer.why
        if note.outcome != "not_applicable"
    ]


def _sentence(t: Texts, note: RuleNote, *, headline: str) -> str:
    reason = t.code("codes.reason", note.reason)
    if note.rule == headline:
        return reason
    return t("consultant.rule_reason", rule=t.code("codes.rule", note.rule), reason=reason)


def spoken_phone(phone: str) -> str:
    """`+8613800112345` → `138 0011 2345`, as people read it aloud; masked and foreign numbers as they are."""
    bare = phone.removeprefix("+86")
    return f"{bare[:3]} {bare[3:7]} {bare[7:]}" if bare != phone and len(bare) == 11 else phone


def last_noted(t: Texts, timeline: list[TimelineEntry], now: datetime) -> str:
    """What was written down last, and when; empty when nothing was."""
    for entry in timeline:
        if entry.text:
            return f"{ago(t, entry.at, now)} · {entry.text}"
    return ""


def next_action(t: Texts, visit: VisitView, timeline: list[TimelineEntry] | None = None) -> str:
    """What helps most now, from what is known of visit and customer."""
    sales = [e.title.removeprefix("sale.") for e in timeline or [] if e.kind == "sale"]
    if visit.purpose == "contract":
        return t("consultant.next.contract")
    if "subscription" in sales and "contract" not in sales:
        return t("consultant.next.after_subscription")
    if "intent" in sales and "subscription" not in sales:
        return t("consultant.next.after_intent")
    return t(f"consultant.next.{_by_customer(visit, visit.customer)}")


def _by_customer(visit: VisitView, customer: CustomerView | None) -> str:
    if visit.purpose in {"appointment", "other"}:
        return visit.purpose
    if customer is None:
        return "anonymous"
    if visit.kind == "first":
        return "first"
    return "return_needs" if customer.needs else "return"
