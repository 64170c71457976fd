"""What the commands print, in both languages of the office: Chinese first, English below."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from contracts.central_api import HeldSince
from gateway.backup.container import BadBackupError, Fault, Header
from gateway.backup.folder import Generation
from gateway.backup.restore import Restored

FAULTS: dict[Fault, tuple[str, str]] = {
    "unreadable": ("无法读取", "cannot be read"),
    "no_backup": ("不是备份文件", "is no backup"),
    "truncated": ("文件不完整", "is cut off"),
    "damaged": ("文件已损坏", "is damaged"),
    "wrong_key": ("密钥不符", "was made with another key"),
    "other_office": ("属于另一案场", "belongs to another office"),
    "newer": ("由更新版本的程序写入", "was made by a newer version of this program"),
    "not_sound": ("其中的数据库已损坏", "holds a damaged database"),
}
_KINDS = {
    "visits": ("到访", "visits"),
    "customers": ("客户", "customers"),
    "sales": ("成交记录", "sales"),
    "follow_ups": ("跟进", "follow-ups"),
    "footfall_minutes": ("分钟客流", "minutes of footfall"),
    "events": ("设备事件", "device events"),
}


def refusal(generation: Generation, error: BadBackupError) -> str:
    zh, en = FAULTS[error.fault]
    return f"跳过 {generation.path.name}：{zh}\nskipped {generation.path.name}: it {en} ({error})"


def restored(result: Restored, now: datetime, zone: ZoneInfo, held: HeldSince | None, central: bool) -> str:
    header = result.header
    at = header.taken_at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    lost = _span(now - header.taken_at)
    committed = sum(position.committed for position in header.streams)
    pending = header.uplink.last - header.uplink.committed
    lines = [
        f"已恢复 {result.generation.path.name}，备份时间 {at}",
        f"restored {result.generation.path.name}, taken at {at}",
        f"备份中：{_counts(header.counts, 0)}",
        f"in it: {_counts(header.counts, 1)}",
        f"丢失：备份之后 {lost} 内只在网关保存的内容（登记、受理、同意与撤回），请向前台核对",
        f"lost: what only the gateway knew in the {lost} since then (check-ins, accepts, consents and withdrawals): "
        "ask reception",
        f"节点将补传：{len(header.streams)} 个节点的事件（备份已含 {committed} 条，其后的都保存在节点）",
        f"nodes send again: the events of {len(header.streams)} streams after the {committed} that are in it",
        f"待传总部：{pending} 条；总部已有的不会重复计入",
        f"still to be told to central: {pending} facts; what central has is not counted twice",
    ]
    return "\n".join([*lines, *_held(held, header, central), *_aside(result.aside)])


def rebuilt(zone: ZoneInfo, held: HeldSince | None, central: bool) -> str:
    lines = [
        "已新建空数据库：没有备份，网关独有的内容（到访经过、轮排、同意、备注）无法找回",
        "an empty database was made: without a backup, what only the gateway kept (how visits went, the rota, "
        "consents, notes) cannot be brought back",
        "节点将补传其保存的全部事件",
        "nodes send again every event they still hold",
    ]
    if held is not None:
        since = held.since.astimezone(zone).strftime("%Y-%m-%d")
        lines += [
            f"总部自 {since} 起留有：{_counts(held.counts, 0)}；启动后名册与分钟客流自动取回，其余留在总部查询",
            f"central holds since {since}: {_counts(held.counts, 1)}; roster and footfall come back by themselves, "
            "the rest stays to be read there",
        ]
    else:
        lines += _unreachable(central)
    return "\n".join(lines)


def _held(held: HeldSince | None, header: Header, central: bool) -> list[str]:
    if held is None:
        return _unreachable(central)
    return [
        f"总部在备份之后还收到：{_counts(held.counts, 0)}；其中分钟客流启动后自动取回，其余留在总部查询",
        f"central also has from after the backup: {_counts(held.counts, 1)}; of these the footfall comes back by "
        "itself, the rest stays to be read there",
    ]


def _unreachable(central: bool) -> list[str]:
    if not central:
        return ["未配置总部", "no central is configured"]
    return ["现在联系不上总部；联上后自动核对分钟客流", "central is away now; footfall is reconciled once it answers"]


def _aside(aside: object) -> list[str]:
    return [] if aside is None else [f"原数据库移至 {aside}", f"the database that was there is now {aside}"]


def _counts(counts: dict[str, int], language: int) -> str:
    known = [(_KINDS[kind][language], number) for kind, number in counts.items() if kind in _KINDS]
    if language == 0:
        return "、".join(f"{name} {number}" for name, number in known)
    return ", ".join(f"{number} {name}" for name, number in known)


def _span(lost: timedelta) -> str:
    seconds = max(0, round(lost.total_seconds()))
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours} h {minutes:02d} min {seconds % 60:02d} s"
