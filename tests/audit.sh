#!/bin/sh
# Known holes in the pinned packages. A package whose data cannot be reached was not checked, which is no pass: exit code 3.
set -u
bin=${1:-.venv/bin}
worst=0
for file in requirements.txt requirements-dev.txt; do
    said=$(mktemp)
    "$bin/pip-audit" --requirement "$file" --require-hashes --disable-pip --progress-spinner off --format json >"$said" 2>/dev/null
    "$bin/python" - "$file" "$said" <<'PYTHON'
import json, sys
from pathlib import Path

name, said = sys.argv[1], Path(sys.argv[2]).read_text()
found = json.loads(said)["dependencies"] if said.strip() else []
holes = [(one["name"], one["version"], hole["id"]) for one in found for hole in one.get("vulns", ())]
checked = [one for one in found if "skip_reason" not in one]
for package, version, hole in holes:
    print(f"{name}: {package} {version}: {hole}")
if not checked or len(checked) < len(found):
    print(f"{name}: not checked: {len(found) - len(checked)} of {len(found)} packages; the data could not be reached")
else:
    print(f"{name}: {len(checked)} packages checked, {len(holes)} known holes")
sys.exit(1 if holes else 3 if len(checked) < max(1, len(found)) else 0)
PYTHON
    code=$?
    rm -f "$said"
    [ "$code" -gt "$worst" ] && worst=$code
done
exit "$worst"
