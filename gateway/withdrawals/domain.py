"""When a withdrawal is complete, and what its certificate says: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.faces_api import EndCause, NodeConfirmation

CAUSES: dict[EndCause, tuple[str, str]] = {
    "withdrawn": ("撤回同意并删除", "consent withdrawn and data deleted"),
    "retention": ("保存期限届满", "retention period over"),
    "cancelled": ("录入时取消", "cancelled during enrolment"),
    "not_enrolled": ("未完成录入", "not enrolled"),
    "replaced": ("由新的同意取代", "replaced by a new consent"),
    "erased": ("客户档案已删除", "customer file erased"),
}


ASKERS: dict[str, tuple[str, str]] = {
    "visitor": ("客户本人", "the visitor"),
    "consultant": ("顾问代客户办理", "consultant, for the visitor"),
    "reception": ("前台代客户办理", "reception, for the visitor"),
    "manager": ("经理代客户办理", "manager, for the visitor"),
    "admin": ("管理员代客户办理", "administrator, for the visitor"),
    "retention": ("系统自动", "the system by itself"),
}


@dataclass(frozen=True, slots=True)
class Word:
    """One node on one consent: it holds nothing of it, and deleted `templates`."""

    consent_id: str
    templates: int
    at: datetime


def confirmed(consent_ids: Sequence[str], words: Sequence[Word]) -> tuple[int, datetime] | None:
    """Templates deleted and when the last was confirmed; None while the node owes a word on any of the consents."""
    by_consent = {word.consent_id: word for word in words if word.consent_id in consent_ids}
    if not consent_ids or len(by_consent) < len(set(consent_ids)):
        return None
    return sum(w.templates for w in by_consent.values()), max(w.at for w in by_consent.values())


def is_complete(nodes: Sequence[NodeConfirmation]) -> bool:
    return all(node.state != "pending" for node in nodes)


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """What a certificate says of one consent."""

    consent_id: str
    text_version: str
    text_sha256: str
    given_at: datetime
    ended_at: datetime
    engine: str


@dataclass(frozen=True, slots=True)
class Proof:
    """All that goes into a statement. `reasons`: why a node was released, by node."""

    certificate_no: str
    office: str
    office_name: str
    office_name_en: str
    issued_at: datetime
    withdrawal_id: str
    cause: EndCause
    requested_by: str
    requested_at: datetime
    consents: Sequence[ConsentLine]
    nodes: Sequence[NodeConfirmation]
    reasons: dict[str, str]


def statement(proof: Proof) -> str:
    """The text that is signed: Chinese first, then English, the same facts; times in UTC. No name and no number."""
    return "\n".join([*_chinese(proof), "", *_english(proof), ""])


def _chinese(proof: Proof) -> list[str]:
    asker = ASKERS[proof.requested_by][0]
    lines = [
        f"人脸信息删除证明 {proof.certificate_no}",
        f"案场：{proof.office_name}（{proof.office}）　出具时间：{_time(proof.issued_at)}",
        f"事由：{CAUSES[proof.cause][0]}　提出方：{asker}　提出时间：{_time(proof.requested_at)}",
        f"处理编号：{proof.withdrawal_id}",
    ]
    for c in proof.consents:
        lines.append(
            f"同意 {c.consent_id}：文本 {c.text_version}（SHA-256 {c.text_sha256}），"
            f"给出 {_time(c.given_at)}，终止 {_time(c.ended_at)}，引擎 {c.engine or '未录入'}"
        )
    for n in proof.nodes:
        role = "（特征库）" if n.vault else ""
        if n.state == "confirmed" and n.at is not None:
            lines.append(f"节点 {n.node}{role}：{_time(n.at)} 确认不再持有任何数据，删除特征 {n.templates or 0} 个")
        else:
            reason = _line(proof.reasons.get(n.node))
            lines.append(f"节点 {n.node}{role}：未确认；由 {n.by} 于 {_time(n.at)} 豁免，理由：{reason}")
    if not proof.nodes:
        lines.append("本案场从未有节点处理过人脸信息。")
    return lines


def _english(proof: Proof) -> list[str]:
    asker = ASKERS[proof.requested_by][1]
    lines = [
        f"Certificate of deletion of face data {proof.certificate_no}",
        f"Office: {proof.office_name_en} ({proof.office})  Issued: {_time(proof.issued_at)}",
        f"Cause: {CAUSES[proof.cause][1]}  Asked by: {asker}  Asked at: {_time(proof.requested_at)}",
        f"Withdrawal: {proof.withdrawal_id}",
    ]
    for c in proof.consents:
        lines.append(
            f"Consent {c.consent_id}: text {c.text_version} (SHA-256 {c.text_sha256}), "
            f"given {_time(c.given_at)}, ended {_time(c.ended_at)}, engine {c.engine or 'never enrolled'}"
        )
    for n in proof.nodes:
        role = " (template vault)" if n.vault else ""
        if n.state == "confirmed" and n.at is not None:
            lines.append(f"Node {n.node}{role}: confirmed {_time(n.at)}: holds nothing, {n.templates or 0} deleted")
        else:
            lines.append(
                f"Node {n.node}{role}: NOT confirmed; released by {n.by} at {_time(n.at)}, "
                f"reason: {_line(proof.reasons.get(n.node))}"
            )
    if not proof.nodes:
        lines.append("No node of this office ever processed face data.")
    return lines


def _time(at: datetime | None) -> str:
    return "—" if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _line(text: str | None) -> str:
    """One line, so that a reason cannot pretend to be another statement."""
    return " ".join((text or "").split())
