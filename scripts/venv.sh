#!/bin/sh
# Makes .venv when it is missing, or when the checkout was moved (the scripts inside carry the full path).
set -eu
if [ -f .venv/.place ] && [ "$(cat .venv/.place)" != "$PWD" ]; then
    rm -rf .venv
fi
if [ ! -x .venv/bin/python ]; then
    "$(sh scripts/find_python.sh)" -m venv .venv
fi
.venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null
[ -f .venv/.place ] || printf '%s' "$PWD" > .venv/.place
