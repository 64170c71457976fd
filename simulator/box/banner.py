"""What the box says when it is ready: one address, the accounts, and what to try, in Chinese and English."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from simulator.box.configs import LAST_TICKET
from simulator.box.hours import HOME
from simulator.box.offices import LIVE, YOURS, Office
from simulator.box.ports import SteppedOver
from simulator.box.state import Account, State

_ROLES = {"consultant": "置业顾问 consultant", "manager": "案场经理 manager", "reception": "前台 reception"}
_LINE = "─" * 78


def ready(state: State, offices: list[Office], took: float, folder: Path, *, people: bool, history: bool) -> str:
    address = f"http://127.0.0.1:{state.ports['kiosk_ui']}"
    head_office = state.head_office[0].staff_no
    agent = state.agencies[0].agent.staff_no
    first = {each.role: each.staff_no for each in reversed(state.offices[LIVE.slug].accounts)}
    manager, reception = first["manager"], first["reception"]
    lines = [
        _LINE,
        f"  {LIVE.name_zh} {LIVE.name_en} 已开门，用时 {took:.0f} 秒 · is open, ready in {took:.0f} s",
        "",
        f"      {address}",
        "",
        "  账号 accounts (staff number · PIN)",
        *[f"    {_account(account, people)}" for account in state.offices[LIVE.slug].accounts],
        *[f"    {each.staff_no} · {each.pin}  {each.name}  总部 head office" for each in state.head_office],
        *[
            f"    {each.agent.staff_no} · {each.agent.pin}  {each.agent.name}  {each.name} 经纪人 agent"
            for each in state.agencies
        ],
        "",
        "  试试看 what to try",
        f"    1. {address}/tablet   用 {YOURS.staff_no} 登录并签到，等下一位客户",
        f"                              sign in as {YOURS.staff_no}, join the rota: the next visitor is yours",
        f"    2. {address}/kiosk    自助登记，任意手机号，例如 138 0013 8000",
        "                              check in as a visitor with any mobile number",
        f"                              小票 the printed ticket: {folder}/{LAST_TICKET}",
        f"    3. {address}/board    现场看板 the manager's floor board",
        f"    4. {address}/reception  前台，用 {reception} 登录：等候、登记、预约、疑似同一人",
        f"                              the reception, sign in as {reception}: queue, check-ins, bookings",
        f"       {address}/phone    演示手机：模拟短信里的验证码 the demo telephone: codes of simulated messages",
        f"    5. {address}/desk     经理工作台，用 {manager} 登录：申诉、指派、合并、无主客户",
        f"                              the manager's desk, sign in as {manager}: appeals, assignments, merges",
        f"    6. {address}/console  总部：{len(offices)} 个案场，用 {head_office} 登录",
        f"                              head office: {len(offices)} offices side by side, sign in as {head_office}",
        f"    7. {address}/agent    渠道经纪人，用 {agent} 登录：报备、带看动态码、判客结论（手机宽度）",
        f"                              an agency's agent, sign in as {agent}: registrations, code, verdicts",
        "",
        *_notes(state, people=people, history=history),
        f"  数据与日志 data and logs: {folder}",
        "  Ctrl-C 停止 stops everything · make demo-reset 清空 forgets it",
        _LINE,
    ]
    return "\n".join(lines)


def _account(account: Account, people: bool) -> str:
    if account.staff_no == YOURS.staff_no:
        note = "  ← 您的账号 yours: nobody else uses it"
    elif account.role == "consultant" and people:
        note = "  （由模拟人员操作 played by the simulator）"
    else:
        note = ""
    return f"{account.staff_no} · {account.pin}  {account.name}  {_ROLES[account.role]}{note}"


def _notes(state: State, *, people: bool, history: bool) -> list[str]:
    local = datetime.now(UTC).astimezone(ZoneInfo(state.time_zone))
    notes = []
    if people:
        notes += [
            "  模拟访客约每一两分钟一组，停留几分钟而非一小时；其余顾问由模拟人员操作。",
            "  Simulated parties come every minute or two and stay for minutes; the other consultants are simulated.",
        ]
    if history:
        notes += [
            "  过去 28 天的数据是虚构的，正在后台录入，一两分钟内补齐。",
            "  The last 28 days are invented; they are being entered in the background, complete in a minute or two.",
        ]
    if state.time_zone != HOME:
        notes += [
            f"  为了让案场此刻正在营业，演示使用时区 {state.time_zone}（现在 {local:%H:%M}）。",
            f"  The demo uses the time zone {state.time_zone} (now {local:%H:%M}), so that the office is open now.",
        ]
    return [*notes, ""] if notes else []


def stepped_over(stepped: list[SteppedOver]) -> str:
    return "\n".join(
        f"  ! 端口 {each.wanted} 已占用，{each.program} 改用 {each.used} · port {each.wanted} is taken"
        for each in stepped
    )


def moved(before: str, now: str) -> str:
    return (
        f"  ! 案场时区由 {before} 改为 {now}，以便此刻营业 · the office moved to {now}, so that it is open now;\n"
        "    过去的数据仍按原时区 · earlier days keep their hours"
    )
