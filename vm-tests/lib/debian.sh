# shellcheck shell=bash
# Debian's packages of any release, from the mirror that this machine's own apt uses; nothing is installed. Sourced by run.

debian_mirrors() {
  # shellcheck disable=SC2016 # apt's variables
  apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' | sed -n 's/^Debian Debian //p' | head -n 1
}

# Sets $mirror and $keyring.
find_mirror() {
  mirror=${FID_DEBIAN_MIRROR:-$(debian_mirrors)}
  if [ -z "$mirror" ]; then
    as_root apt-get update >/dev/null 2>&1 || true
    mirror=$(debian_mirrors)
  fi
  [ -n "$mirror" ] || die "no mirror of Debian in this machine's apt sources; set FID_DEBIAN_MIRROR to the URL of one"
  for keyring in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do
    [ ! -e "$keyring" ] || return 0
  done
  die "no keyring of Debian's archive: install debian-archive-keyring"
}

# read_lists RELEASE...: Debian's package lists, a day old at most. apt is told by APT_CONFIG to use these alone.
read_lists() {
  local own=$cache/apt release
  mkdir -p "$own/state/lists/partial" "$own/cache/archives/partial"
  cat >"$work/apt.conf" <<-END
	Dir::Etc::SourceList "$own/sources.list";
	Dir::Etc::SourceParts "-";
	Dir::State "$own/state";
	Dir::State::Status "/dev/null";
	Dir::Cache "$own/cache";
	Acquire::Languages "none";
	APT::Sandbox::User "";
	APT::Install-Recommends "false";
	END
  for release; do echo "deb [signed-by=$keyring] $mirror $release main"; done | sort -u >"$work/sources.list"
  export APT_CONFIG=$work/apt.conf
  if cmp -s "$work/sources.list" "$own/sources.list" && [ -n "$(find "$own/read" -mtime -1 2>/dev/null)" ]; then
    return
  fi
  rm -f "$own/read"
  cp "$work/sources.list" "$own/sources.list"
  if guarded apt-get update >"$work/apt.log" 2>&1; then
    touch "$own/read"
  else
    say "apt-get update: $(tail -n 1 "$work/apt.log"); going on with the lists that are there"
  fi
}

# versions RELEASE PACKAGE...: NAME=VERSION of all that installing them brings.
versions() {
  local release=$1
  shift
  apt-get -s install -t "$release" "$@" >"$work/versions" ||
    die "Debian's $release has not all of: $*"
  sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1=\2/p' "$work/versions" | sort
}
