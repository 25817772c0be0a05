"""Our Word form as LibreOffice 7.4 saves it in its own format: by none of the code that reads it.

Text boxes become input fields, all others content controls without their names. The bookmarks stay, and end within
the control that they began before.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

from tests.mailflow.paper import W14, W, unzipped

_SPACES = " ".join(
    f'xmlns:{short}="urn:{full}"'
    for short, full in (
        ("office", "oasis:names:tc:opendocument:xmlns:office:1.0"),
        ("text", "oasis:names:tc:opendocument:xmlns:text:1.0"),
        ("loext", "org:documentfoundation:names:experimental:office:xmlns:loext:1.0"),
    )
)


def as_odt(docx: bytes) -> bytes:
    """The same form with the same answers."""
    body = ElementTree.fromstring(unzipped(docx)["word/document.xml"])
    lines = "".join(f"<text:p>{_line(control)}</text:p>" for control in body.iter(f"{W}sdt"))
    return odt(f"<office:text><text:h>A form</text:h>{lines}</office:text>")


def odt(text: str, more: Mapping[str, bytes] | None = None) -> bytes:
    """A package with this for its content: first what it is, uncompressed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", b"application/vnd.oasis.opendocument.text", zipfile.ZIP_STORED)
        made.writestr("content.xml", f"<office:document-content {_SPACES}>{text}</office:document-content>".encode())
        for name, content in (more or {}).items():
            made.writestr(name, content)
    return out.getvalue()


def _line(control: Element) -> str:
    properties, inside = control.find(f"{W}sdtPr"), control.find(f"{W}sdtContent")
    assert properties is not None
    assert inside is not None
    tag = properties.find(f"{W}tag")
    assert tag is not None
    name = quoteattr(tag.get(f"{W}val", "").replace(".", "__"))
    begins, ends = f"<text:bookmark-start text:name={name}/>", f"<text:bookmark-end text:name={name}/>"
    words = escape("".join(one.text or "" for one in inside.iter(f"{W}t")))
    if properties.find(f"{W}text") is not None:
        breaks = "<text:line-break/>" * len(list(inside.iter(f"{W}br")))
        return f'{begins}{breaks}<text:text-input text:description="">{words}</text:text-input>{ends}'
    said, items = _said(properties)
    return f"{begins}<loext:content-control{said}>{items}{words}{ends}</loext:content-control> and its label"


def _said(properties: Element) -> tuple[str, str]:
    """What a control says of itself, and what it offers."""
    tick, day = properties.find(f"{W14}checkbox"), properties.find(f"{W}date")
    if tick is not None:
        checked = tick.find(f"{W14}checked")
        on = checked is not None and checked.get(f"{W14}val") == "1"
        return ' loext:checkbox="true"' + (' loext:checked="true"' if on else ""), ""
    if day is not None:
        picked = day.get(f"{W}fullDate")
        return ' loext:date="true"' + (f' loext:current-date="{picked}"' if picked else ""), ""
    offered = [one for name in ("dropDownList", "comboBox") for one in properties.findall(f"{W}{name}/{W}listItem")]
    items = (
        f"<loext:list-item loext:display-text={quoteattr(one.get(f'{W}displayText', ''))} "
        f"loext:value={quoteattr(one.get(f'{W}value', ''))}/>"
        for one in offered
    )
    return "", "".join(items)
