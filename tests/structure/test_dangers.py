"""What is dangerous in the wrong hands stands in few places, each known: a new one is to be decided in two.

What calls others, and what digests, signs and draws, is read from `docs/security.md`, which says what each is for.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from referencing.console.wiring import STATIC
from referencing.uploads.tus import ALGORITHMS
from tests.structure.sources import ROOT, nodes, paths

PAGE = ROOT / "docs/security.md"
#: Of libraries that speak to others, the ones that are asked for by name; `psycopg` and brokers go by their settings.
CALLING = {
    "urllib3",
    "smtplib",
    "minio",
    "requests",
    "httpx",
    "ftplib",
    "telnetlib",
    "http.client",
    "urllib.request",
}
DIGESTING = {"hashlib", "hmac", "secrets", "ssl", "joserfc", "authlib", "cryptography", "random"}
#: They make objects of what they read, whatever it asks for.
UNSAFE_READERS = {"pickle", "marshal", "shelve", "dill", "yaml", "jsonpickle", "xmlrpc"}


@cache
def modules() -> Mapping[str, Sequence[ast.AST]]:
    """What the source says of what is installed, by its path."""
    return {
        str(path.relative_to(ROOT)): nodes(path) for path in paths("referencing", "storage", "migrations")
    }


def imported(said: Sequence[ast.AST]) -> set[str]:
    names = {alias.name for node in said if isinstance(node, ast.Import) for alias in node.names}
    for node in said:
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def importing(libraries: set[str]) -> set[str]:
    """The modules that import one of these libraries, or a part of it."""
    return {
        path
        for path, said in modules().items()
        if any(name in libraries or name.partition(".")[0] in libraries for name in imported(said))
    }


def calls(said: Iterable[ast.AST]) -> Iterator[tuple[str, ast.Call]]:
    """Every call by the last word of what is called."""
    for node in said:
        if isinstance(node, ast.Call):
            called = node.func
            yield called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", ""), node


def calling(*names: str) -> set[str]:
    return {path for path, said in modules().items() if any(name in names for name, _ in calls(said))}


def named_under(heading: str) -> set[str]:
    """The modules that a section of the page names."""
    section = PAGE.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return set(re.findall(r"`((?:referencing|storage)/[\w/]+\.py)`", section))


def test_what_calls_others_is_on_the_page() -> None:
    assert importing(CALLING) - {"referencing/accounts/openid/provider.py"} == named_under("Whom it calls")


def test_what_digests_signs_or_draws_is_on_the_page() -> None:
    assert importing(DIGESTING) == named_under("Keys, digests and draws")


def test_digests_are_sha256() -> None:
    """But where nothing is protected: pieces that a client of tus has checked on their way, a word for `changed`.

    And what Ed25519 is made of, where nothing that is installed can verify it.
    """
    taken = re.compile(r"\b(?:md5|sha1|sha224|blake2\w|sha512|sha384|sha3_\d+)\b")
    named = {path for path in modules() if taken.search((ROOT / path).read_text())}
    assert named == {
        "referencing/uploads/tus.py",
        "referencing/web/descriptions.py",
        "referencing/candidatures/resolution/resolution.py",
        "referencing/bundles/checker.py",
    }
    assert ALGORITHMS[0] == "sha256"


def test_what_is_drawn_without_a_secret_decides_nothing_but_a_forecast() -> None:
    assert importing({"random"}) == {"referencing/steering/simulation.py"}


def test_nothing_that_is_read_becomes_code_or_objects() -> None:
    assert importing(UNSAFE_READERS) == set()
    assert calling("eval", "exec", "compile_command") == {"referencing/base/shapes.py"}, (
        "of our own schemas alone"
    )
    assert calling("render_template_string", "from_string") == {"referencing/audits/export/summary.py"}, (
        "a file"
    )


def test_programs_are_started_without_a_shell() -> None:
    assert importing({"subprocess", "os.system", "pty"}) == {
        "referencing/backups/programs.py",
        "referencing/files/inspection/identifiers/pdf_text.py",
    }
    assert calling("system", "popen", "getoutput") == set()
    words = {word.arg for said in modules().values() for _, call in calls(said) for word in call.keywords}
    assert "shell" not in words


def test_xml_of_others_is_read_without_its_entities() -> None:
    readers = {
        path: {name for name in imported(said) if name.partition(".")[0] in {"defusedxml", "xml", "lxml"}}
        for path, said in modules().items()
    }
    unguarded = {
        path
        for path, names in readers.items()
        if any(
            name.rpartition(".")[2] in {"parse", "fromstring", "iterparse", "expat", "make_parser"}
            for name in names
        )
        and not any(name.startswith("defusedxml") for name in names)
    }
    assert unguarded == {"referencing/catalogue/imports/xlsx_guard.py"}, (
        "which looks for them, to refuse them"
    )


def test_no_sql_is_made_of_what_came_in() -> None:
    """Text of SQL is written out; what is put into it is the name of a table or a constant of ours."""
    made = {
        path
        for path, said in modules().items()
        if path.startswith(("referencing", "storage"))
        for name, call in calls(said)
        if (name == "exec_driver_sql" or ast.unparse(call.func) in {"sa.text", "sa.literal_column"})
        and not (call.args and isinstance(call.args[0], ast.Constant))
    }
    assert made == {"referencing/equivalence/grants/fact_queries.py", "referencing/base/db.py"}


def test_what_is_looked_for_is_no_pattern() -> None:
    """Text that came in is compared as text: in SQL its wildcards are escaped, and no expression is made of it."""
    looking = {
        "contains",
        "icontains",
        "startswith",
        "istartswith",
        "endswith",
        "like",
        "ilike",
        "regexp_match",
    }
    unescaped = {
        ast.unparse(call)
        for path, said in modules().items()
        if path.endswith("queries.py")
        for name, call in calls(said)
        if name in looking and not any(word.arg == "autoescape" for word in call.keywords)
        if not isinstance(call.args[0], ast.Constant | ast.List) and not ast.unparse(call.args[0]).isupper()
    }
    assert unescaped == set()
    expressions = {
        path
        for path, said in modules().items()
        for verb in said
        if isinstance(verb, ast.FunctionDef)
        for _, call in calls(ast.walk(ast.Module(verb.body, [])))
        if ast.unparse(call.func).startswith("re.") and not isinstance(call.args[0], ast.Constant)
        if not ast.unparse(call.args[0]).strip("_").isupper() and ast.unparse(call.func) != "re.escape"
    }
    assert expressions == {"referencing/equivalence/engine/guards.py"}, "jokers of a rule, each made harmless"


def test_templates_escape_all_that_they_show() -> None:
    templates = sorted((ROOT / "referencing").rglob("*.html"))
    assert len(templates) > 50
    for template in templates:
        assert re.findall(r"\|\s*safe\b|autoescape\s+false|Markup", template.read_text()) == [], template
    assert {
        path for path, said in modules().items() if "Markup" in {name for name, _ in calls(said)}
    } == set()


def test_scripts_of_ours_make_no_markup_of_texts() -> None:
    scripts = sorted(STATIC.glob("*.js"))
    assert scripts
    sinks = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|postMessage|__proto__|"
        r"\.prototype\b"
    )
    for script in scripts:
        assert re.findall(sinks, script.read_text()) == [], script


def test_what_is_installed_comes_from_the_index_by_its_digest() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    packages = re.split(r"\n(?=\S)", lock.strip())
    assert len(packages) > 50
    for package in packages:
        assert re.match(r"[\w.-]+(\[[\w,-]+\])?==[\w.!+-]+( ;[^\n]*)? \\\n", package), package.partition(
            "\n"
        )[0]
        assert "--hash=sha256:" in package, package.partition("\n")[0]
