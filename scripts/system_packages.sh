#!/bin/sh
# Makes sure that the Debian packages we rely on are here: probes them, installs the missing ones when we may
# (root, or sudo without a password), else prints the exact command and exits 1.
# Usage: sh scripts/system_packages.sh run|terminal|test
set -eu
cd "$(dirname "$0")/.."
level=${1:?usage: system_packages.sh run|terminal|test}
python=${PYTHON:-python3}

any() { [ -e "$1" ]; } # any "$pattern" left unquoted by the caller: true when a file matches

probe() {
    missing=
    # ensurepip is what Debian leaves out; a finished .venv needs it no more.
    .venv/bin/python -c 'import pip' 2>/dev/null || "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        missing="$missing python3-venv"
    [ "$level" = run ] && return
    if [ "$level" = terminal ]; then # a badge reader on USB
        any /usr/lib/*/libusb-1.0.so.0 || any /lib/*/libusb-1.0.so.0 || missing="$missing libusb-1.0-0"
        return
    fi
    [ -x /usr/bin/chromium ] || missing="$missing chromium"
    any /usr/lib/postgresql/*/bin/initdb || missing="$missing postgresql"
    command -v gcc >/dev/null || missing="$missing gcc" # the disk that loses power, tests/simulation/power/shim
    any /usr/include/stdio.h || missing="$missing libc6-dev"
    any /usr/lib/*/libgomp.so.1 || missing="$missing libgomp1" # LightGBM
    any /usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf || missing="$missing fonts-dejavu-core"
}

install() {
    command -v apt-get >/dev/null || return 1
    for_root="export DEBIAN_FRONTEND=noninteractive; apt-get update -q && \
apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300$missing"
    if [ "$(id -u)" = 0 ]; then
        sh -c "$for_root"
    elif sudo -n true 2>/dev/null; then
        sudo -n sh -c "$for_root"
    else
        return 1
    fi
}

case $level in run | terminal | test) ;; *)
    echo "usage: system_packages.sh run|terminal|test" >&2
    exit 2
    ;;
esac

probe
[ -z "$missing" ] && exit 0
echo "Paquets système manquants / missing system packages:$missing" >&2
if install </dev/null >&2; then
    probe
    [ -z "$missing" ] && exit 0
fi
cat >&2 <<TEXT

Il manque :$missing
L'installation automatique n'a pas été possible. Lancez cette commande, puis recommencez :
Missing:$missing
They could not be installed automatically. Run this command, then try again:

    sudo apt-get update && sudo apt-get install -y --no-install-recommends$missing

TEXT
exit 1
