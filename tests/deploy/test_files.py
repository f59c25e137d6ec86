"""What stands in deploy/ names settings, metrics and commands that there are."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from referencing.cli import main
from referencing.config import Settings
from referencing.web.headers import STRICT_TRANSPORT
from tests.structure.application import wired

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
#: Names that look like settings and are another's.
OF_OTHERS = {
    "POSTGRES_USER",
    "POSTGRES_DB",
    "POSTGRES_PASSWORD_FILE",
    "PYTHONUNBUFFERED",
    "PYTHONDONTWRITEBYTECODE",
    "PATH",
}


class Asked(dict[str, str]):
    """An environment that notes what is read of it."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, key: str, *_: object) -> None:  # type: ignore[override]
        self.names.add(key)


def set_in(text: str) -> set[str]:
    """The variables that a file sets: of a unit, a container, a compose file, a manifest."""
    forms = (
        r"^Environment=(\w+)=",
        r"^\s+([A-Z][A-Z_]+): ",
        r"\b([A-Z][A-Z_]+): \"",
        r"{name: ([A-Z_]+), value",
    )
    names = {name for form in forms for name in re.findall(form, text, re.MULTILINE)}
    return names | {
        name for line in re.findall(r"^ENV (.*)", text, re.MULTILINE) for name in re.findall(r"(\w+)=", line)
    }


def test_every_setting_that_is_set_is_one() -> None:
    asked = Asked()
    Settings.read(asked)
    named = {name: path for path in DEPLOY.rglob("*") if path.is_file() for name in set_in(path.read_text())}
    assert {"DATABASE_URL_FILE", "MIGRATE", "METRICS_ADDRESS"} <= named.keys()
    assert named.keys() - asked.names - OF_OTHERS == set()


def names_in(expression: str) -> set[str]:
    words = re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", re.sub(r"\{[^}]*\}|by \([^)]*\)", "", expression))
    return {re.sub(r"_bucket$", "", word) for word in words} - {"histogram_quantile"}


def test_alerts_and_dashboard_are_about_metrics_that_there_are() -> None:
    described = (DEPLOY.parent / "docs/observing.md").read_text()
    cells = re.findall(r"^\| (`.*?) \|", described, re.MULTILINE)
    metrics = {name for cell in cells for name in cell.replace("`", "").split(", ")}
    alerts = (DEPLOY / "prometheus/alerts.yml").read_text()
    dashboard = json.loads((DEPLOY / "grafana/referencing.json").read_text())
    expressions = re.findall(r"expr: (.*)", alerts)
    expressions += [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    named = {name for expression in expressions for name in names_in(expression)}
    assert len(named) > 10
    assert named - metrics == set()


def test_each_alert_says_what_to_do() -> None:
    alerts = (DEPLOY / "prometheus/alerts.yml").read_text().split("- alert:")[1:]
    assert [alert.split()[0] for alert in alerts if "action: " not in alert or "summary: " not in alert] == []


def test_every_command_that_is_run_is_one() -> None:
    texts = [path.read_text() for path in UNITS]
    lines = [
        line for text in texts for line in re.findall(r"^ExecStart=\S+/referencing (.*)", text, re.MULTILINE)
    ]
    assert len(lines) == 3
    for line in lines:
        done = CliRunner().invoke(main, [line.split()[0], "--help"])
        assert done.exit_code == 0
        assert {option for option in line.split() if option.startswith("--")} <= set(done.output.split())


def test_pods_may_read_their_secrets() -> None:
    """A file of a Secret is root's: who runs as another reads it by the group that `fsGroup` gives it."""
    manifest = (DEPLOY / "kubernetes/referencing.yaml").read_text()
    accounts = re.findall(r"^ +securityContext: {(runAsNonRoot.*)", manifest, re.MULTILINE)
    assert len(accounts) == manifest.count("secretName: referencing")
    assert [account for account in accounts if "fsGroup: " not in account] == []


def test_no_secret_is_written_here() -> None:
    """A password stands in a file that whoever deploys makes: neither a value, nor one that comes with it."""
    for path in (path for path in DEPLOY.rglob("*") if path.is_file()):
        written = path.read_text()
        assert re.findall(r"://[^/\s:@]+:[^/\s@]+@", written.replace("PASSWORD@", "@")) == [], path
        assert re.findall(r"(?:PASSWORD|SECRET|TOKEN|DATABASE_URL)\s*[:=]\s*[^\s$]", written) == [], path


def test_secrets_are_given_as_files() -> None:
    """An address with a password in it comes from a file that its reader alone may read."""
    written = "".join(
        path.read_text() for path in DEPLOY.rglob("*") if path.is_file() and path.suffix != ".md"
    )
    given = set(re.findall(r"\b(DATABASE_URL|STORAGE_URL|BROKER_URL|METRICS_TOKEN)_FILE\b", written))
    assert given == {"DATABASE_URL", "STORAGE_URL", "BROKER_URL", "METRICS_TOKEN"}
    assert re.findall(r"\bDATABASE_URL(?!_FILE)\b[:=]", written) == []
    for unit in UNITS:
        assert unit.suffix == ".timer" or "LoadCredential=database:" in unit.read_text(), unit.name


def test_only_what_is_installed_goes_into_the_image() -> None:
    """Neither the history of the source, nor tests, nor the demonstration."""
    copied = re.findall(
        r"^COPY (?!--from)(.*) \S+$", (DEPLOY / "container/Containerfile").read_text(), re.MULTILINE
    )
    files = {"requirements.lock", "pyproject.toml", "README.md"}
    packages = {"referencing", "storage", "migrations"}
    assert {name for line in copied for name in line.split()} == files | packages
    wheel = tomllib.loads((DEPLOY.parent / "pyproject.toml").read_text())["tool"]["hatch"]["build"][
        "targets"
    ]["wheel"]
    assert set(wheel["packages"]) == packages


def test_nginx_speaks_tls_of_today_and_leads_no_program_on_from_the_clear() -> None:
    site = (DEPLOY / "nginx/referencing.conf").read_text()
    assert re.findall(r"ssl_protocols (.*);", site) == ["TLSv1.2 TLSv1.3"]
    (ciphers,) = re.findall(r"ssl_ciphers (.*);", site)
    for cipher in ciphers.split(":"):
        assert re.fullmatch(r"ECDHE-(ECDSA|RSA)-(AES(128|256)-GCM-SHA(256|384)|CHACHA20-POLY1305)", cipher)
    clear = site.partition("listen 80;")[2]
    assert re.search(r"location /api/ \{\s+return 403;", clear)
    assert "proxy_pass" not in clear
    assert f'add_header Strict-Transport-Security "{STRICT_TRANSPORT}" always;' in site
    for said in ("X-Forwarded-For $remote_addr;", "X-Forwarded-Proto $scheme;", "X-Request-Id $request_id;"):
        assert f"proxy_set_header {said}" in site, "what a client says of itself is written over"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_takes_the_units(unit: Path, tmp_path: Path) -> None:
    for each in UNITS:
        (tmp_path / each.name).write_text(
            each.read_text().replace("/opt/referencing/bin/referencing", sys.executable)
        )
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / unit.name],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_nginx_logs_no_address_that_is_a_secret() -> None:
    site = (DEPLOY / "nginx/referencing.conf").read_text()
    (quiet,) = re.findall(r"location ~ (\S+) \{\s+access_log off;", site)
    secret = [rule.rule for rule in wired().url_map.iter_rules() if rule.arguments & {"token", "receipt"}]
    assert len(secret) > 2
    assert [address for address in secret if not re.match(quiet, address)] == []


@pytest.mark.services
@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not here")
def test_nginx_takes_its_file(tmp_path: Path) -> None:
    key, chain = tmp_path / "key.pem", tmp_path / "chain.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            "/CN=x",
            "-keyout",
            key,
            "-out",
            chain,
        ],
        check=True,
        capture_output=True,
    )
    site = (DEPLOY / "nginx/referencing.conf").read_text().replace("/etc/ssl/referencing/", f"{tmp_path}/")
    whole = f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; {site} }}"
    (tmp_path / "nginx.conf").write_text(whole)
    done = subprocess.run(
        ["nginx", "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
