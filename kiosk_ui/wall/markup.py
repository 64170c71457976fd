"""Small pure HTML: views that only show things are functions from data to `Markup`, escaped by construction."""

from collections.abc import Iterable

from markupsafe import Markup, escape

Child = str | Markup | None
_VOID = {"br", "hr", "img"}


def tag(name: str, *children: Child | Iterable[Child], cls: str = "", **attributes: object) -> Markup:
    """One element. `None` children and attributes vanish; `data_test="x"` becomes `data-test="x"`; text is escaped."""
    parts = [f' class="{escape(cls)}"'] if cls else []
    for key, value in attributes.items():
        if value is not None and value is not False:
            parts.append(f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"')
    opening = f"<{name}{''.join(parts)}>"
    if name in _VOID:
        return Markup(opening)  # noqa: S704  every part was escaped above
    return Markup(f"{opening}{_join(children)}</{name}>")  # noqa: S704


def div(*children: Child | Iterable[Child], cls: str = "", **attributes: object) -> Markup:
    return tag("div", *children, cls=cls, **attributes)


def span(*children: Child | Iterable[Child], cls: str = "", **attributes: object) -> Markup:
    return tag("span", *children, cls=cls, **attributes)


def icon(name: str, cls: str = "") -> Markup:
    """A Material Icons ligature (NiceGUI ships the font); hidden from screen readers, the text beside it speaks."""
    return tag("span", name, cls=f"ac-icon {cls}".strip(), aria_hidden="true")


def _join(children: Iterable[Child | Iterable[Child]]) -> str:
    out = []
    for child in children:
        if child is None:
            continue
        out.append(str(escape(child)) if isinstance(child, str) else _join(child))
    return "".join(out)
