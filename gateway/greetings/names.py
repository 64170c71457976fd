"""Family names, pure: all of a person's name that a screen in public may show."""

import re

_COMPOUND = """
欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政
濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马
公西 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌
微生 公户 公玉 公仪 梁丘 公仲 公上 公门 公山 公坚 左丘 公伯 西门 公祖 第五 公乘 贯丘 公皙
南荣 东里 东宫 仲长 子书 子桑 即墨 达奚 褚师 纳兰 叶赫 歐陽 司馬 東方 獨孤 聞人 諸葛 尉遲
赫連 澹臺 濮陽 公孫 長孫 鮮于 閭丘 顓孫 樂正 穀梁 軒轅 東郭 南門 納蘭 葉赫
"""
COMPOUND_SURNAMES = frozenset(_COMPOUND.split())
"""复姓 of two characters, in simplified and where it differs in traditional writing (百家姓 and those common today)."""

_HAN = re.compile(r"^[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def family_name(name: str) -> str:
    """The first character of a Chinese name, both of a compound surname, the last word of any other; "" for none.

    `陈小明` → `陈`, `欧阳娜娜` → `欧阳`, `John Smith` → `Smith`, `阿凡提·买买提` → `阿凡提`.
    """
    bare = name.strip()
    if not bare:
        return ""
    if not _HAN.match(bare):
        return re.split(r"[\s\u3000]+", bare)[-1]
    if "·" in bare or "•" in bare:
        return re.split("[·•]", bare)[0]
    return bare[:2] if bare[:2] in COMPOUND_SURNAMES and len(bare) > 2 else bare[:1]
