"""How a name is read, pure: pinyin without tones, and initials, in every reading that somebody may type.

Characters are read as pypinyin reads them; a surname has readings of its own (单 is shan, not dan). Source of the
surnames: 现代汉语词典, 7th edition, entries marked 姓.
"""

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product

os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")  # its dictionary of words costs 44 MB, and names are no words
from pypinyin import lazy_pinyin

MOST_READINGS = 8
_SURNAMES = {
    "单": ("shan",),
    "曾": ("zeng",),
    "仇": ("qiu",),
    "解": ("xie",),
    "查": ("zha",),
    "区": ("ou",),
    "朴": ("piao", "pu"),
    "盖": ("ge", "gai"),
    "乐": ("yue", "le"),
    "种": ("chong",),
    "繁": ("po",),
    "黑": ("he", "hei"),
    "缪": ("miao",),
    "宓": ("mi", "fu"),
    "折": ("she",),
    "员": ("yun",),
    "秘": ("bi",),
    "洗": ("xian",),
    "翟": ("zhai", "di"),
    "覃": ("qin", "tan"),
    "祭": ("zhai",),
    "郗": ("xi", "chi"),
    "隗": ("wei", "kui"),
    "牟": ("mu", "mou"),
    "召": ("shao",),
    "会": ("gui",),
    "长": ("chang",),
    "薄": ("bo",),
    "柏": ("bai", "bo"),
    "句": ("gou",),
    "么": ("yao",),
    "洗马": ("xian ma",),
    "尉迟": ("yu chi",),
    "万俟": ("mo qi",),
    "单于": ("chan yu",),
    "长孙": ("zhang sun",),
    "澹台": ("tan tai",),
    "宰父": ("zai fu",),
}
_GIVEN = {
    "茜": ("qian", "xi"),
    "晟": ("sheng", "cheng"),
    "盛": ("sheng", "cheng"),
    "乐": ("le", "yue"),
    "行": ("xing", "hang"),
    "朝": ("chao", "zhao"),
    "长": ("chang", "zhang"),
    "重": ("chong", "zhong"),
    "传": ("chuan", "zhuan"),
    "曾": ("zeng", "ceng"),
    "召": ("zhao", "shao"),
    "参": ("can", "shen"),
    "柏": ("bai", "bo"),
    "单": ("dan", "shan"),
}
"""Characters of given names that families read in more than one way."""


@dataclass(frozen=True, slots=True)
class Readings:
    """Lower-case letters only; the usual reading first."""

    pinyin: tuple[str, ...] = ()
    initials: tuple[str, ...] = ()


def readings(name: str) -> Readings:
    """Every way to type the name, at most `MOST_READINGS`; of a name in Latin letters its letters and initials."""
    ways = [" ".join(chosen).split() for chosen in islice(product(*_parts(name.strip())), MOST_READINGS)]
    full = ("".join(syllables) for syllables in ways)
    short = ("".join(syllable[0] for syllable in syllables) for syllables in ways)
    return Readings(tuple(dict.fromkeys(filter(None, full))), tuple(dict.fromkeys(filter(None, short))))


def folded(text: str) -> str:
    """Pinyin or Latin letters as typed: case, tones, accents, spaces and apostrophes do not count; ü is v."""
    toneless = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if c == "\u0308" or not _is_mark(c))
    plain = toneless.replace("u\u0308", "v")
    return "".join(c for c in plain if "a" <= c <= "z")


def is_chinese(text: str) -> bool:
    return any(_is_character(c) for c in text)


def _parts(name: str) -> Iterator[tuple[str, ...]]:
    """Of each part of the name every way it is read; syllables and words are set apart by spaces."""
    if name[:2] in _SURNAMES:
        yield _SURNAMES[name[:2]]
        name = name[2:]
    elif name[:1] in _SURNAMES:
        yield _SURNAMES[name[0]]
        name = name[1:]
    yield from map(_character_or_word, _pieces(name))


def _pieces(text: str) -> Iterator[str]:
    """Single characters, and words of anything else."""
    word = ""
    for c in text:
        if _is_character(c) or c.isspace() or c in "·.-":
            yield from filter(None, (word, c if _is_character(c) else ""))
            word = ""
        else:
            word += c
    yield from filter(None, (word,))


def _character_or_word(piece: str) -> tuple[str, ...]:
    if not _is_character(piece[0]):
        return (folded(piece),)
    if piece in _GIVEN:
        return _GIVEN[piece]
    read = folded("".join(lazy_pinyin(piece, errors="ignore", v_to_u=True)))
    return (read, read.replace("v", "u"), read.replace("v", "yu")) if "v" in read else (read,)


def _is_character(c: str) -> bool:
    """Han characters of Unicode's basic block, its extensions, and 〇."""
    return "\u3400" <= c <= "\u9fff" or c == "〇" or "\U00020000" <= c <= "\U0003ffff"


def _is_mark(c: str) -> bool:
    return unicodedata.category(c) == "Mn"
