"""Every module says why it exists, the documents name only what is there, and no commit holds what it must not."""

from __future__ import annotations

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from exchange.fault import POINTS

ROOT = Path(__file__).parent.parent.parent
ROOMS = ("exchange", "mailflow", "keys", "templates", "bench")
MODULES = sorted(p for room in ROOMS for p in (ROOT / room).rglob("*.py"))
FORBIDDEN = ("utils", "helpers", "common", "services", "managers", "interfaces")
DOORS = {  # library -> the only places that may import it
    "sqlalchemy": ("exchange/store/", "exchange/measures/"),
    "alembic": ("exchange/store/",),
    "fastapi": ("exchange/web/",),
    "uvicorn": ("exchange/web/",),
    "aiosmtpd": ("mailflow/",),
    "aiosmtplib": ("mailflow/",),
    "gnupg": ("keys/",),
    "pysequoia": ("keys/",),
    "cryptography": ("keys/",),
    "asn1crypto": ("keys/",),
    "webauthn": ("keys/",),
    "pyotp": ("keys/",),
    "authlib": ("keys/",),
    "joserfc": ("keys/",),
    "segno": ("templates/",),
    "httpx": ("exchange/provider.py",),
    "imaplib": ("mailflow/",),
    "babel": ("templates/",),
    "tomlkit": ("exchange/hubs/",),
    "jinja2": ("templates/",),
    "typst": ("templates/",),
}
DOCUMENTS = [ROOT / name for name in ("README.md", "deploy/FLOW.md", "deploy/RUNBOOK.md", "docs/threats.md")]
_PATH = re.compile(r"`((?:exchange|mailflow|keys|templates|tests|store|case)/[a-z_/]+(?:\.py)?)")


def name(path: Path) -> str:
    """A module's path from the root."""
    return str(path.relative_to(ROOT))


@cache
def imported(path: Path) -> set[str]:
    """The libraries a module imports, by their first name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_says_in_its_first_sentence_why_it_exists(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    assert len(docstring.partition("\n")[0]) > 20
    assert path.stem not in FORBIDDEN


@pytest.mark.parametrize("library", DOORS)
def test_a_library_comes_in_by_its_own_door(library: str) -> None:
    inside = [name(p) for p in MODULES if library in imported(p)]
    assert [p for p in inside if not p.startswith(DOORS[library])] == []


def test_the_core_imports_the_standard_library_only() -> None:
    import sys

    for path in (ROOT / "exchange" / "case").glob("*.py"):
        assert imported(path) - {"exchange"} <= sys.stdlib_module_names, name(path)


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_a_document_names_only_what_is_there(document: Path) -> None:
    for path in _PATH.findall(document.read_text()):
        inside = (ROOT / path, ROOT / f"{path}.py", ROOT / "exchange" / path, ROOT / "exchange" / f"{path}.py")
        assert any(p.exists() for p in inside), path


def test_every_point_where_the_world_may_stop_is_in_the_code() -> None:
    source = "".join(p.read_text() for p in MODULES)
    assert [point for point in POINTS if f'fault("{point}")' not in source and f'"{point}"' not in source] == []


def test_no_registry_is_named_in_what_is_committed() -> None:
    words = ("pypi" + ".org", "files.python" + "hosted", "registry.npm" + "js")
    tracked = subprocess.run(["git", "ls-files", "*.lock", "*.toml", "*.sh", "Makefile"], cwd=ROOT, check=True,
                             capture_output=True, text=True).stdout.split()  # fmt: skip
    assert [f for f in tracked if any(word in (ROOT / f).read_text() for word in words)] == []
