"""Judges of safety from outside, on the site as a clinic would run it: TLS, nginx in front, https in SITE_URL.

python tests/outside.py observatory    MDN HTTP Observatory on six kinds of page (needs Node, npm, nginx, openssl)
python tests/outside.py wapiti         wapiti as a visitor and as an author (needs nginx, openssl)

Neither is part of `make test`; `make outside` runs both. They end with 1 below A+ 130, at any finding, at any 5xx.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "var" / "judges"
RAW = ROOT / "benchmarks" / "raw"
AUTHOR = {"username": "author", "password": "a-long-pass-word"}
PAGES = {
    "home": "/",
    "page": "/mesotherapy/risks/",
    "search": "/search/?q=scars",
    "not found": "/no-such-page/",
    "error": "/boom/",
    "login": "/admin/login/",
}
WANTED = 130
MODULES = (
    "xss,permanentxss,sql,timesql,exec,file,redirect,crlf,ssrf,xxe,csrf,cookieflags,http_headers,csp,"
    "upload,log4shell,methods,htaccess,shellshock,backup,ldap,brute_login_form"
)
EXPLAINED = {
    ("Cross Site Request Forgery", "/feedback/"): "no cookie says who sends it; a foreign Origin is refused",
    ("LDAP Injection", "/feedback/"): "there is no LDAP; answers differ because `page` must be an address of ours",
    ("LDAP Injection", "/search/"): "there is no LDAP; signs alone hold no word to search for, signs with a word do",
}
"""What wapiti finds and we leave so, with the reason."""
SCAN = """
// The package's own retriever, tests and grader; its `scan` asks only "/" on the usual ports, and refuses error pages.
const from = (name) => import("{place}/node_modules/@mdn/mdn-http-observatory/src/" + name);
const {{ retrieve }} = await from("retriever/retriever.js");
const {{ ALL_TESTS }} = await from("constants.js");
const {{ MINIMUM_SCORE_FOR_EXTRA_CREDIT }} = await from("grader/charts.js");
const {{ getGradeForScore, getScoreModifier }} = await from("grader/grader.js");
const got = await retrieve("localhost", {{ httpPort: {http}, httpsPort: {https}, path: process.argv[2] }});
if (!got.responses.auto) throw new Error("the site does not answer");
let all = 100, minus = 100;
const tests = {{}};
for (const test of ALL_TESTS) {{
  const found = test(got);
  const points = found.result ? getScoreModifier(found.result) : 0;
  all += points;
  minus += Math.min(points, 0);
  tests[found.constructor.name] = {{ result: found.result, pass: found.pass, points }};
}}
const {{ grade, score }} = getGradeForScore(minus >= MINIMUM_SCORE_FOR_EXTRA_CREDIT ? all : minus);
console.log(JSON.stringify({{ grade, score, status: got.responses.auto.status, tests }}));
"""


@dataclass(frozen=True)
class Site:
    """The running site: its address over TLS, its port for plain http, and the certificate to trust."""

    url: str
    https: int
    http: int
    certificate: Path
    environment: dict[str, str]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def site() -> Iterator[Site]:
    """The shipped content behind nginx with the settings the program prints, and one author."""
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if not nginx or not shutil.which("openssl"):
        sys.exit("nginx and openssl are needed. On Debian: apt install nginx-light openssl")
    app, https, http = free_port(), free_port(), free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        certificate = folder / "certificate.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key.pem", "-out", certificate],
            check=True, capture_output=True,
        )  # fmt: skip
        environment = {
            **os.environ, "DATA_DIR": str(folder / "data"), "HOST": "127.0.0.1", "PORT": str(app), "PROXIES": "1",
            "SITE_URL": f"https://localhost:{https}", "DJANGO_SETTINGS_MODULE": "tests.outside_settings",
        }  # fmt: skip

        def manage(*words: str, **more: str) -> str:
            command = [sys.executable, "manage.py", *words]
            return subprocess.run(
                command, cwd=ROOT, env={**environment, **more}, check=True, capture_output=True, text=True
            ).stdout

        manage("serve", "--prepare-only")
        manage("shell", "--no-imports", "-c", MAKE_AUTHOR)
        server = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=(folder / "log").open("wb"),
        )
        front = None
        try:
            _until(lambda: _answers(f"http://127.0.0.1:{app}/robots.txt"))
            printed = manage("prerender", "--nginx").replace(f"listen [::]:{https} ssl;\n", "\n")  # not everywhere
            text = (ROOT / "deploy" / "nginx.conf").read_text()
            for was, now in (
                ("user mesoinfo;", f"user root; pid {folder}/pid;" if os.getuid() == 0 else f"pid {folder}/pid;"),
                ("include /etc/nginx/mesoinfo-site.conf", f"include {folder}/site.conf"),
                (
                    "include /etc/nginx/mesoinfo-certificate.conf;",
                    f"ssl_certificate {certificate}; ssl_certificate_key {folder}/key.pem;",
                ),
                ("/var/log/nginx/error.log", f"{folder}/error.log"),
                ("listen 80 default_server;", f"listen {http} default_server;"),
                ("listen [::]:80 default_server;", ""),
                ("https://$host$request_uri", f"https://$host:{https}$request_uri"),
            ):
                text = text.replace(was, now)
            (folder / "site.conf").write_text(printed)
            (folder / "nginx.conf").write_text(text)
            front = subprocess.Popen([nginx, "-c", folder / "nginx.conf", "-g", "daemon off;"])
            url = f"https://localhost:{https}"
            _until(lambda: _answers(f"{url}/robots.txt", certificate))
            yield Site(url, https, http, certificate, environment)
        finally:
            for process in (front, server):
                if process is not None:
                    process.terminate()
                    process.wait(timeout=30)


MAKE_AUTHOR = f"""
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
person = get_user_model().objects.create_user({AUTHOR["username"]!r}, "author@example.org", {AUTHOR["password"]!r}, is_staff=True)
person.groups.set(Group.objects.filter(name="Author"))
"""


def _answers(url: str, certificate: Path | None = None) -> bool:
    context = ssl.create_default_context(cafile=str(certificate)) if certificate else None
    try:
        urllib.request.urlopen(url, timeout=5, context=context).read()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _until(true: object, *, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        if time.monotonic() > end:
            sys.exit("The site did not start: run `make run` and read what it says.")
        time.sleep(0.2)


def observatory() -> list[str]:
    """Scans each kind of page; gives what is below A+ 130."""
    if not (PLACE / "node_modules" / "@mdn" / "mdn-http-observatory").is_dir():
        PLACE.mkdir(parents=True, exist_ok=True)
        # Its build script is for a database the scanner does not need.
        subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "@mdn/mdn-http-observatory@1.4.8"],
            cwd=PLACE,
            check=True,
        )
    # The list of preloaded hosts cannot be fetched here; a test host is in none.
    (PLACE / "node_modules/@mdn/mdn-http-observatory/conf/hsts-preload.json").write_text("{}")
    wrong, kept = [], {}
    with site() as running:
        script = PLACE / "scan.mjs"
        script.write_text(SCAN.format(place=PLACE, http=running.http, https=running.https))
        for name, path in PAGES.items():
            done = subprocess.run(
                ["node", script, path], capture_output=True, text=True, check=False, cwd=PLACE,
                env={**os.environ, "NODE_EXTRA_CA_CERTS": str(running.certificate), "NODE_OPTIONS": "--dns-result-order=ipv4first"},
            )  # fmt: skip
            if done.returncode:
                wrong.append(f"{name}: not scanned: {done.stderr.strip()[-400:]}")
                continue
            found = json.loads(done.stdout)
            kept[name] = found
            grade, score = found["grade"], found["score"]
            print(f"Observatory, {name} ({path}, {found['status']}): {grade}, {score}")
            for key, test in found["tests"].items():
                if not test["pass"] or test["points"] < 0:
                    print(f"  {key}: {test['result']} ({test['points']})")
            if grade != "A+" or score < WANTED:
                wrong.append(f"{name}: {grade}, {score}")
    RAW.mkdir(parents=True, exist_ok=True)
    (RAW / "observatory.json").write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")
    return wrong


def wapiti() -> list[str]:
    """Attacks the site as a visitor and as an author; gives every finding and every answer of 500 or more."""
    program = PLACE / "wapiti" / "bin" / "wapiti"
    if not program.exists():
        venv.create(PLACE / "wapiti", with_pip=True)
        subprocess.run([program.parent / "python", "-m", "pip", "install", "--quiet", "wapiti3==3.2.3"], check=True)
    wrong = []
    with site() as running:
        for who in ("visitor", "author"):
            report = PLACE / f"wapiti-{who}.json"
            command = [
                program, "-u", f"{running.url}/", "--scope", "domain", "-f", "json", "-o", report, "--no-bugreport",
                "--flush-session", "--max-scan-time", "600", "--max-attack-time", "60", "-d", "6", "--max-links-per-page", "60",
                "-m", MODULES, "-v", "0", "--store-session", tempfile.mkdtemp(prefix="wapiti-"),
            ]  # fmt: skip
            if who == "author":
                command += [
                    "--form-cred", f"{AUTHOR['username']}%{AUTHOR['password']}", "--form-url", f"{running.url}/admin/login/",
                    "-s", f"{running.url}/admin/", "-x", f"{running.url}/admin/logout/*",
                ]  # fmt: skip
            done = subprocess.run(
                command, capture_output=True, text=True, check=False,
                env={**os.environ, "SSL_CERT_FILE": str(running.certificate)},
            )  # fmt: skip
            if not report.exists():
                wrong.append(f"{who}: no report: {(done.stdout + done.stderr).strip()[-600:]}")
                continue
            found = json.loads(report.read_text())
            pages = found["infos"].get("crawled_pages_nbr") or found["infos"].get("crawled_pages")
            problems = [
                (kind, name, one)
                for kind in ("vulnerabilities", "anomalies")
                for name, many in found[kind].items()
                for one in many
            ]
            explained = [found for found in problems if (found[1], found[2]["path"]) in EXPLAINED]
            print(
                f"wapiti as {who}: {pages} pages crawled, {len(problems)} findings, {len(explained)} of them explained"
            )
            for name, path in sorted({(found[1], found[2]["path"]) for found in explained}):
                print(f"  explained: {name}: {path}: {EXPLAINED[name, path]}")
            for kind, name, one in (found for found in problems if found not in explained):
                line = f"{who}: {kind}: {name}: {one['method']} {one['path']}: {one['info']}"
                print(f"  {line}")
                wrong.append(line)
            if not pages:
                wrong.append(f"{who}: nothing was crawled")
            if who == "author" and not (found["infos"].get("auth") or {}).get("logged_in"):
                wrong.append(
                    f"{who}: wapiti did not log in, so this was one more visitor: {found['infos'].get('auth')}"
                )
    return wrong


if __name__ == "__main__":
    asked = sys.argv[1:] or ["observatory", "wapiti"]
    steps = {"observatory": observatory, "wapiti": wapiti}
    faults = [fault for name in asked for fault in steps[name]()]
    for fault in faults:
        print(f"WRONG {fault}")
    sys.exit(bool(faults))
