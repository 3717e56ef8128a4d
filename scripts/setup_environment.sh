#!/bin/sh
# Makes .venv hold exactly what uv.lock says for one level; does nothing (and needs no network) when it already does.
# Usage: sh scripts/setup_environment.sh terminal|run|test   (each level contains the one before)
set -eu
cd "$(dirname "$0")/.."
uv_version=0.13.9
python=${PYTHON:-python3}
unset VIRTUAL_ENV UV_PROJECT_ENVIRONMENT

case ${1:-} in
terminal) enough="terminal run test" extras="--extra terminal --no-dev --inexact" ;;
run) enough="run test" extras="--extra server --extra terminal --no-dev --inexact" ;;
test) enough="test" extras="--all-extras" ;;
*)
    echo "usage: setup_environment.sh terminal|run|test" >&2
    exit 2
    ;;
esac
level=$1

# Two `make` at once: the second waits, then finds the work done.
exec 9<scripts/setup_environment.sh
flock 9

# What .venv was made for: these dependencies, this Python, this uv, this folder (its scripts hold its path).
fingerprint() {
    { cat pyproject.toml uv.lock && .venv/bin/python -V && echo "$uv_version" && pwd -P; } 2>/dev/null | sha256sum
}

for done_level in $enough; do
    stamp=.venv/.marelle-$done_level
    [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint)" ] && exit 0
done

# Broken by a move of the folder or an upgrade of Python: made again.
sound() {
    .venv/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null &&
        head -n 3 .venv/bin/pip | grep -qF "$(pwd -P)/.venv/bin/"
}
busy=.venv/.marelle-busy # there while we work: found at the start, it means an interruption
if [ -e "$busy" ] || ! sound; then
    if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo "Python 3.11 ou plus récent est nécessaire (essayez PYTHON=python3.12 make …)." >&2
        echo "Python 3.11 or newer is needed (try PYTHON=python3.12 make …)." >&2
        exit 1
    fi
    sh scripts/system_packages.sh run 9<&-
    echo "Préparation de l'environnement Python dans .venv (quelques minutes la première fois)…" >&2
    rm -rf .venv
    mkdir .venv
    : >"$busy"
    "$python" -m venv .venv
fi
: >"$busy"
if [ "$(.venv/bin/uv --version 2>/dev/null | cut -d ' ' -f 2)" != "$uv_version" ]; then
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$uv_version"
fi
# uv downloads everything before it touches .venv: its own failures leave .venv as it was.
code=0
# shellcheck disable=SC2086 # the extras are several words
UV_PYTHON_DOWNLOADS=never .venv/bin/uv sync --locked --python .venv/bin/python $extras || code=$?
[ "$code" = 0 ] && fingerprint >".venv/.marelle-$level"
rm "$busy"
exit "$code"
