"""How names are read: surnames of their own, readings that families choose, letters as typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.names import MOST_READINGS, folded, readings

READ = [
    ("陈小明", "chenxiaoming", "cxm"),
    ("单小明", "shanxiaoming", "sxm"),
    ("曾国强", "zengguoqiang", "zgq"),
    ("仇英", "qiuying", "qy"),
    ("解晓东", "xiexiaodong", "xxd"),
    ("查良镛", "zhaliangyong", "zly"),
    ("区志强", "ouzhiqiang", "ozq"),
    ("盖叫天", "gejiaotian", "gjt"),
    ("缪荣", "miaorong", "mr"),
    ("种师道", "chongshidao", "csd"),
    ("尉迟恭", "yuchigong", "ycg"),
    ("万俟卨", "moqixie", "mqx"),
    ("单于明", "chanyuming", "cym"),
    ("欧阳修", "ouyangxiu", "oyx"),
    ("李单", "lidan", "ld"),
    ("单", "shan", "s"),
    ("Alice Wang", "alicewang", "aw"),
    ("王Alice", "wangalice", "wa"),
    ("买买提·艾力", "maimaitiaili", "mmtal"),
]


@pytest.mark.parametrize(("name", "pinyin", "initials"), READ)
def test_usual_reading(name: str, pinyin: str, initials: str) -> None:
    found = readings(name)
    assert (found.pinyin[0], found.initials[0]) == (pinyin, initials)


MORE_WAYS = [
    ("吕布", {"lvbu", "lubu", "lyubu"}),
    ("乐行", {"yuexing", "yuehang", "lexing", "lehang"}),
    ("王乐", {"wangle", "wangyue"}),
    ("翟茜", {"zhaiqian", "zhaixi", "diqian", "dixi"}),
]


@pytest.mark.parametrize(("name", "ways"), MORE_WAYS)
def test_every_way_to_type_it(name: str, ways: set[str]) -> None:
    assert set(readings(name).pinyin) == ways


TYPED = [("Lǚ Bù", "lvbu"), ("ZHĀNG san", "zhangsan"), ("Xi'an", "xian"), ("é ü", "ev"), ("陈", ""), ("a1 b", "ab")]


@pytest.mark.parametrize(("typed", "letters"), TYPED)
def test_letters_as_typed(typed: str, letters: str) -> None:
    assert folded(typed) == letters


def test_a_name_that_cannot_be_read_has_no_readings() -> None:
    assert readings("") == readings("  ") == readings("123") == readings("😀")


@given(st.text(max_size=12))
def test_readings_are_few_letters_and_always_the_same(name: str) -> None:
    found = readings(name)
    assert found == readings(name)
    assert len(found.pinyin) <= MOST_READINGS
    assert all(reading == folded(reading) != "" for reading in (*found.pinyin, *found.initials))
