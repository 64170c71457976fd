"""The invented offices and their staff."""

from dataclasses import dataclass, field
from typing import Literal

StaffRole = Literal["consultant", "reception", "manager", "agent"]


@dataclass(frozen=True, slots=True)
class Person:
    staff_no: str
    name: str
    role: StaffRole


@dataclass(frozen=True, slots=True)
class Office:
    """The first of OFFICES runs for real; the others live at central only."""

    slug: str
    name_zh: str
    name_en: str
    city: str
    city_en: str
    parties_per_day: float
    staff: list[Person] = field(default_factory=list)
    left: Person | None = None
    """A consultant who works here no more: what they owned waits for a new owner."""

    @property
    def consultants(self) -> list[Person]:
        return [person for person in self.staff if person.role == "consultant"]


def _staff(letter: str, consultants: str, manager: str, reception: str) -> list[Person]:
    people = [Person(f"{letter}{place:02d}", name, "consultant") for place, name in enumerate(consultants.split(), 1)]
    return [*people, Person(f"{letter}91", manager, "manager"), Person(f"{letter}81", reception, "reception")]


OFFICES = [
    Office(
        "yunqi",
        "云栖湖岸",
        "Yunqi Lakeside",
        "杭州",
        "Hangzhou",
        60,
        _staff("A", "林晓雨 陈思远 王海涛 李佳怡 赵明哲", "沈岚", "何静"),
        left=Person("A06", "高原", "consultant"),
    ),
    Office(
        "jiangwan",
        "江湾一品",
        "Jiangwan One",
        "上海",
        "Shanghai",
        50,
        _staff("B", "吴昊 郑欣 冯磊 蒋涵 韩雪", "顾卫东", "陆敏"),
    ),
    Office(
        "xishan",
        "西山云筑",
        "Xishan Terraces",
        "苏州",
        "Suzhou",
        36,
        _staff("C", "唐宇 许诺 程曦 邓凯", "魏然", "丁宁"),
    ),
    Office(
        "binhai",
        "滨海新城",
        "Binhai New Town",
        "宁波",
        "Ningbo",
        42,
        _staff("D", "叶青 苏航 卢雪 蔡明", "潘峰", "田甜"),
    ),
    Office(
        "longhu",
        "龙湖天境",
        "Longhu Skyline",
        "南京",
        "Nanjing",
        32,
        _staff("E", "杜鹃 任远 姚洁 金鑫", "范伟", "石磊"),
    ),
]
LIVE = OFFICES[0]
PROJECTS = [("lake", "湖岸一期", "Lakeside I"), ("hill", "云栖山境", "Yunqi Hill")]
"""What LIVE sells (项目): by head office's name, in Chinese, in English."""
HEAD_OFFICE = [Person("H01", "周敏", "manager")]
"""Who signs in at head office's console."""
AGENCIES = {"安橙渠道": Person("K01", "韩梅", "agent"), "邻里通": Person("K02", "秦朗", "agent")}
"""The invented agencies (渠道) that work for LIVE, with one agent each."""
YOURS = LIVE.consultants[0]
"""The account left to whoever tries the demo: with four simulated colleagues, mostly busy, its turn comes soon."""
