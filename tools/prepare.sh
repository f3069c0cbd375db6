#!/usr/bin/env bash
# What has to happen before Samara can run: packages installed, program built. run.sh and tools/check.sh call it;
# a second call with nothing to do takes a fraction of a second. Speaks on standard error only.
#
# usage: tools/prepare.sh packages GROUP...    install what is missing of these groups of tools/packages.txt
#        tools/prepare.sh build [TARGET...]    build these targets (default: all) of the release preset
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null 1>&2

say() { printf 'samara: %s\n' "$*"; }
die() { say "$@"; exit 1; }

missing_packages() {  # GROUP... -> "package why" lines
  local groups=" $* " installed group package why
  installed=" $(dpkg-query -W -f='${db:Status-Status}=${Package} ' 2>/dev/null) "
  while read -r group package why; do
    if [[ $groups == *" $group "* && $installed != *" installed=$package "* ]]; then echo "$package $why"; fi
  done <tools/packages.txt
}

packages() {
  local missing names=() as_root=() apt os by_hand
  # shellcheck source=/dev/null
  os=$(. /etc/os-release && echo "${ID:-unknown} ${VERSION_ID:-}")
  if [ "$os" != "debian 12" ]; then
    [ -e build/release/build.ninja ] ||
      say "this system is $os, and packages are only installed on Debian 12: building with what is here." \
        "tools/packages.txt lists what is needed."
    return
  fi
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0

  say "these Debian packages are missing and will be installed:"
  while read -r package why; do
    printf '  %-20s %s\n' "$package" "$why"
    names+=("$package")
  done <<<"$missing"
  by_hand="apt-get update && apt-get install --no-install-recommends ${names[*]}"
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null ||
      die "that needs root, and there is no sudo here. As root, run: $by_hand"
    say "that needs root: using sudo"
    as_root=(sudo)
  fi
  mkdir -p build
  apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=400)
  if ! { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "${names[@]}"; } >build/packages.log 2>&1; then
    tail -n 30 build/packages.log
    die "installing failed; the whole log is build/packages.log. By hand, as root: $by_hand"
  fi
  say "installed (log: build/packages.log)"
}

# Configures when the settings below are not those of the last time; Ninja itself notices changed CMake files.
configure() {
  local werror=OFF settings
  [ "${CI:-}" != true ] || werror=ON
  settings="$PWD werror=$werror presets=$(cksum <CMakePresets.json)"
  [ "$settings" != "$(cat build/release/configured.txt 2>/dev/null)" ] || return 0
  say "configuring"
  cmake --fresh --preset release -DSAMARA_WERROR="$werror" >build/configure.log 2>&1 || {
    tail -n 30 build/configure.log
    die "configuring failed; the whole log is build/configure.log"
  }
  echo "$settings" >build/release/configured.txt
}

# Reads Ninja's output, keeps it in build/build.log, and shows how far it is once there is something to build.
show_progress() {
  local line step shown=-30 started=false
  while IFS= read -r line; do
    printf '%s\n' "$line" >&3
    [[ $line =~ ^\[([0-9]+/[0-9]+)\]\ (Building|Linking) ]] || continue
    step=${BASH_REMATCH[1]}
    $started || say "building (a few minutes the first time; log: build/build.log)"
    started=true
    if [ -t 1 ]; then
      printf '\r  step %s ' "$step"
    elif ((SECONDS - shown >= 30)); then
      printf '  step %s\n' "$step"
      shown=$SECONDS
    fi
  done 3>build/build.log
  if $started && [ -t 1 ]; then printf '\r\033[K'; fi
}

build() {
  mkdir -p build
  exec 9>build/lock
  # One build at a time: ./run.sh may be called in several terminals.
  flock --nonblock 9 || { say "waiting for another build to end"; flock 9; }
  configure
  SECONDS=0
  if ! NINJA_STATUS='[%f/%t] ' cmake --build --preset release --parallel "$(nproc)" ${1:+--target "$@"} 2>&1 9>&- |
    show_progress; then
    grep -A 25 -m 3 -E '^FAILED:' build/build.log || tail -n 30 build/build.log
    die "the build failed; the whole log is build/build.log"
  fi
  ((SECONDS < 2)) || say "built in $SECONDS s"
}

case ${1:-} in
  packages) shift; packages "$@" ;;
  build) shift; build "$@" ;;
  *) die "usage: tools/prepare.sh packages GROUP... | build [TARGET...]" ;;
esac
