"""What the pages load is served here, is what its author published, and needs no other host."""

import hashlib
import re
from pathlib import Path

from referencing.console.wiring import STATIC
from tests.structure.application import wired

VENDORED = STATIC / "vendor"


def test_what_was_vendored_is_as_its_author_published_it() -> None:
    lines = [line.split() for line in (VENDORED / "SHA256SUMS").read_text().splitlines()]
    sums = {name: digest for digest, name in lines}
    files = {path.name: path for path in VENDORED.glob("*.js")}
    assert sums.keys() == files.keys()
    for name, path in files.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == sums[name]
        assert (VENDORED / name.replace(".min.js", ".LICENSE")).is_file()


def test_no_template_names_another_host_or_writes_script_or_style_into_a_page() -> None:
    templates = sorted(STATIC.with_name("templates").rglob("*.html"))
    assert templates
    for template in templates:
        written = template.read_text()
        assert re.findall(r"https?://", written) == [], template
        assert re.findall(r"\s(?:style|on[a-z]+)=|<style|<script(?! src=)", written) == [], template


def test_what_scrolls_by_itself_in_a_narrow_window_is_reached_by_the_keyboard() -> None:
    for template in sorted(STATIC.with_name("templates").rglob("*.html")):
        for element in re.findall(r'<[^>]*class="wide"[^>]*>', template.read_text()):
            assert 'tabindex="0" role="region" aria-label' in element, template


def test_a_static_file_is_kept_by_the_browser_until_it_changes() -> None:
    shown = wired().test_client().get("/connexion").get_data(as_text=True)
    (address,) = re.findall(r'href="(/console/console\.css\?v=[0-9a-f]{12})"', shown)
    with wired().test_client().get(address) as answer:
        assert "immutable" in answer.headers["Cache-Control"]
    assert Path(STATIC / "console.css").is_file()
