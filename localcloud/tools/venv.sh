#!/usr/bin/env bash
# Make the virtual environment $1 from the pinned requirements (needs Python 3.11 or newer).
set -euo pipefail
venv=$1
python=${PYTHON_FOR_VENV:-python3}

fail() { echo "venv: $*" >&2; exit 1; }

usable() {
  "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

if ! usable && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  echo "Installing python3 and python3-venv"
  { apt-get update && apt-get install -y --no-install-recommends python3 python3-venv; } \
    >/dev/null || fail "apt-get could not install python3-venv: run it by hand to see why"
fi
usable || fail "$python is not Python 3.11 or newer with venv: install one" \
  "(Debian: python3-venv), or name it in PYTHON_FOR_VENV"

begun=$SECONDS
echo "Installing the Python packages of requirements-dev.txt"
# One that the README's commands for AWS have made, without the mark of make, is only added to.
if [ -e "$venv/.installed" ]; then rm -rf "$venv"; fi
"$python" -m venv "$venv"
# Not compiled here: the SDKs hold thousands of modules of which a stack imports a few dozen.
"$venv/bin/pip" install --quiet --no-compile --disable-pip-version-check \
  -r requirements-dev.txt -c constraints.txt \
  || fail "pip could not install the requirements: the lines above say which, run make again"
echo "Installed the Python packages in $((SECONDS - begun)) s"
