#!/bin/sh
# Brings what the npm scripts need: the npm packages (with Node 24) and, with --with-system, QEMU and its tools.
# Quick when there is nothing to do.
set -eu
cd "$(dirname "$0")/.."

stamp=node_modules/.kiln-setup
want=$(cat package-lock.json packages/*/package.json | cksum)
if [ ! -x node_modules/.bin/node ] || [ "$(cat "$stamp" 2>/dev/null || true)" != "$want" ]; then
  echo "setup: installing npm packages" >&2
  # Not `npm ci`: it refuses a lock without packages for systems that the registry at hand does not carry.
  # Errors only: npm warns of the Node that runs it, which is not the one that is about to be installed.
  npm install --no-save --no-progress --loglevel=error >&2
  # Install scripts are off for every package; this one's script fetches Node 24 from the registry.
  npm rebuild node --ignore-scripts=false --loglevel=error >&2
  printf '%s' "$want" > "$stamp"
fi

[ "${1:-}" = --with-system ] || exit 0

missing=
need() { # need COMMAND PACKAGE
  command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || missing="$missing $2"
}
need qemu-system-x86_64 qemu-system-x86
need qemu-img qemu-utils
need mmdebstrap mmdebstrap
need xorriso xorriso
need mke2fs e2fsprogs
need mkfs.vfat dosfstools
need mcopy mtools
need ssh openssh-client
need curl curl
# For images that are made without root's rights.
[ "$(id -u)" = 0 ] || need newuidmap uidmap
[ -e /usr/share/OVMF/OVMF_CODE_4M.fd ] || [ -e /usr/share/OVMF/OVMF_CODE.fd ] || missing="$missing ovmf"
[ -n "$missing" ] || exit 0

install="apt-get install -y --no-install-recommends$missing"
if ! command -v apt-get >/dev/null 2>&1; then
  echo "setup: missing:$missing. Install them with this system's package manager, then run this again." >&2
  exit 1
fi
as_root=
if [ "$(id -u)" != 0 ]; then
  if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root=sudo
  else
    echo "setup: some system packages are missing. Run this once, then try again:" >&2
    echo "  sudo apt-get update && sudo $install" >&2
    exit 1
  fi
fi
echo "setup: installing system packages:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q >&2 || echo "setup: apt-get update had problems; going on with the package lists there are" >&2
$as_root $install >&2
