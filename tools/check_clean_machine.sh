#!/usr/bin/env bash
# Runs ./test.sh, or the command given, in a fresh Debian 12 that has nothing but the base system: the proof that
# tools/packages.txt is complete. For maintainers; needs root, debootstrap and about 5 GB of disk.
#
# usage: tools/check_clean_machine.sh [--base FOLDER] [--work FOLDER] [--keep] [--] [COMMAND...]
#   --base FOLDER   the pristine system: made there by debootstrap the first time, only read afterwards
#                   (default /var/tmp/samara-debian12)
#   --work FOLDER   where the copy that gets used up is made (default: a new folder beside the base)
#   --keep          leave the copy in place afterwards, and say where it is
#
# The commit that HEAD points to is cloned, so commit first. Package mirrors and apt's download settings are those
# of this machine. The command runs as root, with CI=true, no standard input and an otherwise empty environment.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

base=/var/tmp/samara-debian12
work=
keep=false
while [ $# -gt 0 ]; do
  case $1 in
    --base) base=${2:?--base needs a folder}; shift 2 ;;
    --work) work=${2:?--work needs a folder}; shift 2 ;;
    --keep) keep=true; shift ;;
    --) shift; break ;;
    -*) echo "unknown option $1; see the top of $0" >&2; exit 2 ;;
    *) break ;;
  esac
done
[ $# -gt 0 ] || set -- ./test.sh
[ "$(id -u)" = 0 ] || { echo "$0 makes a system of its own and so must run as root" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "install debootstrap first: apt-get install debootstrap" >&2; exit 1; }

say() { printf '[%4ds] %s\n' "$SECONDS" "$*" >&2; }

# "URI suite component" of this machine's own Debian 12 sources.
sources() {
  # shellcheck disable=SC2016  # apt expands these
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' | grep ' bookworm'
}

make_base() {
  local mirror
  mirror=$(sources | awk '$2 == "bookworm" && $3 == "main" {print $1; exit}')
  [ -n "$mirror" ] || { echo "this machine's apt has no source for bookworm main to bootstrap from" >&2; exit 1; }
  say "bootstrapping Debian 12 into $base"
  mkdir -p "$base"
  debootstrap --variant=minbase --include=ca-certificates bookworm "$base.partial" "$mirror" >"$base.log" 2>&1 ||
    { tail -n 20 "$base.log" >&2; echo "debootstrap failed; all it said is in $base.log" >&2; exit 1; }
  sources | sed 's/^/deb /' >"$base.partial/etc/apt/sources.list"
  apt-config dump Acquire >"$base.partial/etc/apt/apt.conf.d/90machine"
  rmdir "$base"
  mv "$base.partial" "$base"
}

[ -e "$base/etc/debian_version" ] || { rm -rf "$base.partial"; make_base; }

work=${work:-$(mktemp -d "$base.work.XXXXXX")}
say "copying it to $work"
mkdir -p "$work"
cp -a --reflink=auto "$base/." "$work/"
cp -L /etc/resolv.conf /etc/hosts "$work/etc/"
git clone --quiet "$root" "$work/samara"

say "running $* in a clone of $(git -C "$root" rev-parse --short HEAD)"
status=0
# A namespace of its own: the mounts and every process in it are gone when the command ends.
# shellcheck disable=SC2016  # the inner shell expands these
unshare --mount --pid --fork --kill-child bash -ec '
  work=$1; shift
  mount -t proc proc "$work/proc"
  mount --rbind /dev "$work/dev"
  exec chroot "$work" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin CI=true \
    sh -c "cd /samara && exec \"\$@\"" sh "$@"
' bash "$work" "$@" </dev/null || status=$?

say "exit status $status"
if $keep; then say "the used system is in $work"; else rm -rf --one-file-system "$work"; fi
exit "$status"
