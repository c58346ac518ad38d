"""One published page: ours under granian beside nginx serving the same file, alternating in one run.

    python benchmarks/published_page.py [--rounds 5] [--seconds 3] [--page /mesotherapy/risks/]

Needs nginx and wrk. Makes a site of its own from content/ in a temporary folder. Prints medians and spread, keeps the
raw samples in benchmarks/raw/, and appends to benchmarks/RESULTS.md with --write.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "benchmarks"
PERCENTILES = """
done = function(summary, latency, requests)
  local wrong = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout
  io.write(string.format("RESULT %d %d %f %d\\n", summary.requests, summary.duration, latency:percentile(99), wrong))
end
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait(url: str) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.2)
    raise SystemExit(f"{url} does not answer")


@contextlib.contextmanager
def ours(folder: Path, port: int, *, server: str = "granian") -> Iterator[tuple[str, int]]:
    """The site as `make run` starts it, or the same application under gunicorn."""
    environment = {**os.environ, "DATA_DIR": str(folder), "PORT": str(port), "LOG_LEVEL": "WARNING"}
    manage = [sys.executable, "manage.py", "serve"]
    if server == "gunicorn":
        subprocess.run([*manage, "--prepare-only"], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        manage = [
            str(Path(sys.executable).parent / "gunicorn"), "mesoinfo.wsgi:application", "--bind", f"127.0.0.1:{port}",
            "--workers", "2", "--threads", "8",
        ]  # fmt: skip
    log = (folder / f"{server}.log").open("ab")
    running = subprocess.Popen(manage, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait(f"http://127.0.0.1:{port}/robots.txt")
        yield f"http://127.0.0.1:{port}", running.pid
    finally:
        running.terminate()
        running.wait(timeout=30)


@contextlib.contextmanager
def nginx(folder: Path, port: int, headers: list[tuple[str, str]]) -> Iterator[tuple[str, int]]:
    """nginx with two workers on the tree of the live release, gzip_static, no access log, the same headers."""
    lines = "\n".join(f'    add_header {name} "{value}" always;' for name, value in headers)
    config = folder / "nginx.conf"
    config.write_text(f"""
worker_processes 2; pid {folder}/nginx.pid; error_log {folder}/nginx.log; daemon off; user root;
events {{ worker_connections 1024; }}
http {{
  types {{ text/html html; text/markdown md; application/json json; }} charset utf-8; charset_types text/markdown;
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; gzip_static on; gzip_vary on;
  client_body_temp_path {folder}/n1; proxy_temp_path {folder}/n2; fastcgi_temp_path {folder}/n3;
  uwsgi_temp_path {folder}/n4; scgi_temp_path {folder}/n5;
  server {{
    listen 127.0.0.1:{port}; root {folder}/pages/live/site; index index.html;
{lines}
  }}
}}
""")
    running = subprocess.Popen([shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(config)])
    try:
        wait(f"http://127.0.0.1:{port}/robots.txt")
        yield f"http://127.0.0.1:{port}", running.pid
    finally:
        running.terminate()
        running.wait(timeout=30)


def fetch(url: str) -> tuple[list[tuple[str, str]], bytes]:
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})) as answer:
        return answer.getheaders(), answer.read()


def wrk(url: str, *, connections: int, seconds: int, script: Path) -> dict[str, float]:
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--latency", "-H", "Accept-Encoding: gzip", "-s", str(script), url],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    requests, micros, p99, wrong = re.search(r"RESULT (\d+) (\d+) ([\d.]+) (\d+)", done.stdout).groups()  # type: ignore[union-attr]
    if int(wrong):
        raise SystemExit(f"{wrong} requests to {url} failed")
    return {"rps": int(requests) / (int(micros) / 1e6), "p99_ms": float(p99) / 1000}


def cpu_seconds(root: int) -> float:
    """Processor time used so far by a process and everything it started (Linux)."""
    parents, used = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            parents[int(stat.parent.name)] = int(fields[1])
            used[int(stat.parent.name)] = int(fields[11]) + int(fields[12])
    family = {root}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(used.get(pid, 0) for pid in family) / os.sysconf("SC_CLK_TCK")


def machine() -> str:
    def said(*command: str) -> str:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        return (done.stdout + done.stderr).strip().splitlines()[0] if done.stdout + done.stderr else "?"

    from importlib.metadata import version

    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    load = os.getloadavg()[0]
    packages = ", ".join(f"{name} {version(name)}" for name in ("django", "granian", "gunicorn", "brotli"))
    nginx_version = said("nginx", "-v").removeprefix("nginx version: ")
    return (
        f"{datetime.date.today()}, commit {said('git', 'rev-parse', '--short', 'HEAD')}; {os.cpu_count()} × "  # noqa: DTZ011
        f"{cpu[1] if cpu else '?'}; Python {sys.version.split()[0]}, {packages}, {nginx_version}, "
        f"{said('wrk', '-v').split(' Copyright')[0]}; load {load:.1f} at the start"
    )


def summed(values: list[float], digits: int = 0) -> str:
    return f"{statistics.median(values):,.{digits}f} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"


def main() -> None:
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--rounds", type=int, default=5)
    reading.add_argument("--seconds", type=int, default=3)
    reading.add_argument("--page", default="/mesotherapy/risks/")
    reading.add_argument("--data", type=Path, help="A data folder to use again.")
    reading.add_argument("--write", action="store_true")
    options = reading.parse_args()
    about = machine()
    print(about)
    with contextlib.ExitStack() as stack:
        folder = options.data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="published-")))
        site, site_pid = stack.enter_context(ours(folder, free_port()))
        headers, body = fetch(site + options.page)
        shared = ("cache-control", "x-frame-options", "content-security-policy", "permissions-policy")
        shared += (
            "cross-origin-resource-policy",
            "x-content-type-options",
            "referrer-policy",
            "cross-origin-opener-policy",
        )
        peer, peer_pid = stack.enter_context(
            nginx(folder, free_port(), [(n, v) for n, v in headers if n.lower() in shared])
        )
        theirs, other = fetch(peer + options.page)
        if body != other:
            raise SystemExit("the two servers send different bytes")
        print(f"{options.page}: {len(body):,} bytes gzip; ours sends {len(headers)} headers, nginx {len(theirs)}")
        script = folder / "report.lua"
        script.write_text(PERCENTILES)
        samples: dict[str, dict[str, list[dict[str, float]]]] = {}
        for connections in (16, 256):
            found: dict[str, list[dict[str, float]]] = {"ours": [], "nginx": []}
            for number in range(options.rounds + 1):  # the first round warms up and does not count
                for name, url, pid in (("ours", site, site_pid), ("nginx", peer, peer_pid)):
                    before = cpu_seconds(pid)
                    got = wrk(url + options.page, connections=connections, seconds=options.seconds, script=script)
                    got["cpu_us"] = (cpu_seconds(pid) - before) / (got["rps"] * options.seconds) * 1e6
                    if number:
                        found[name].append(got)
            samples[str(connections)] = found
    lines = [
        "| connections | ours, requests/s | nginx | ratio of medians | ours, p99 ms | nginx, p99 ms "
        "| ours, µs of processor a request | nginx | ratio |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for connections, found in samples.items():
        rps = {name: [sample["rps"] for sample in got] for name, got in found.items()}
        p99 = {name: [sample["p99_ms"] for sample in got] for name, got in found.items()}
        ratio = statistics.median(rps["ours"]) / statistics.median(rps["nginx"])
        cpu = {name: [sample["cpu_us"] for sample in got] for name, got in found.items()}
        work = statistics.median(cpu["nginx"]) / statistics.median(cpu["ours"])
        lines.append(
            f"| {connections} | {summed(rps['ours'])} | {summed(rps['nginx'])} | {ratio:.2f} | "
            f"{summed(p99['ours'], 1)} | {summed(p99['nginx'], 1)} | "
            f"{summed(cpu['ours'], 1)} | {summed(cpu['nginx'], 1)} | {work:.2f} |"
        )
    table = "\n".join(lines)
    print(table)
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    raw = HERE / "raw" / f"published-page-{stamp}.json"
    raw.parent.mkdir(exist_ok=True)
    raw.write_text(
        json.dumps({"about": about, "page": options.page, "bytes": len(body), "samples": samples}, indent=1) + "\n"
    )
    if options.write:
        with (HERE / "RESULTS.md").open("a") as file:
            file.write(
                f"\n## Published page beside nginx\n\n{about}.\n`{options.page}`, {len(body):,} bytes gzip, keep-alive; medians of "
                f"{options.rounds} alternating runs of {options.seconds} s (least–most); raw: `benchmarks/raw/{raw.name}`.\n\n{table}\n"
            )


if __name__ == "__main__":
    main()
