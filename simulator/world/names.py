"""Invented names, and valid mainland mobile numbers of blocks full of zeros, which ring nobody."""

import random

_FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华梅鑫玲飞雪晨宇轩涵欣怡浩然思远嘉琪子墨雨桐梓萱"
_HISTORY_BLOCK = "1980000"
_LIVE_BLOCK = "1990000"


def visitor_name(chance: random.Random) -> str:
    return chance.choice(_FAMILY) + "".join(chance.sample(_GIVEN, chance.choice((1, 2))))


def history_phone(number: int) -> str:
    """The `number`th customer of the invented past, as 11 digits."""
    return str(int(_HISTORY_BLOCK + "0000") + number)


def live_phone(number: int) -> str:
    """The `number`th visitor of the running simulation, as 11 digits; never one of the past."""
    return str(int(_LIVE_BLOCK + "0000") + number)
