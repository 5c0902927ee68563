#!/bin/sh
# What building needs: finds it, installs it where it is missing. Sourced by fid and check.

say() { echo "${0##*/}: $*" >&2; }
die() { say "$*"; exit 1; }

# The major version of the JDK in a folder; nothing where there is no compiler in it.
jdk_version() {
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 0
  version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null) || version=
  [ -n "$version" ] || version=$("$1/bin/java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p')
  echo "$version"
}

# Sets JAVA_HOME to a JDK of 25 or newer: $JAVA_HOME, the one on PATH, or one in /usr/lib/jvm.
find_jdk() {
  on_path=$(command -v java) && on_path=$(readlink -f "$on_path") && on_path=${on_path%/bin/java}
  for home in "${JAVA_HOME-}" "$on_path" /usr/lib/jvm/*; do
    [ -n "$home" ] || continue
    version=$(jdk_version "$home")
    if [ -n "$version" ] && [ "$version" -ge 25 ]; then
      JAVA_HOME=$home
      export JAVA_HOME
      return
    fi
  done
  return 1
}

has_file() { for file; do [ -e "$file" ] && return; done; return 1; }

# The Debian packages that are missing, of those that building needs and those given: PACKAGE, or
# PACKAGE:COMMAND where its command has another name.
missing_packages() {
  command -v clang >/dev/null || echo clang
  command -v llvm-strip >/dev/null || echo llvm
  command -v mvn >/dev/null || echo maven
  has_file /usr/include/bpf/bpf_helpers.h || echo libbpf-dev
  has_file /usr/include/linux/bpf.h || echo linux-libc-dev
  has_file /usr/lib/*/libbpf.so.1 /lib/*/libbpf.so.1 /usr/lib*/libbpf.so.1 || echo libbpf1
  for tool; do command -v "${tool#*:}" >/dev/null || echo "${tool%:*}"; done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Installs what building needs, and the packages given (as above).
install_missing() {
  missing=$(missing_packages "$@" | tr '\n' ' ' | sed 's/ $//')
  find_jdk || missing="$missing openjdk-25-jdk-headless"
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null ||
    die "missing, and there is no apt-get to install it with: $missing (names of Debian's packages)"
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
    die "missing: $missing; run as root, or install sudo, or run: apt-get install $missing"
  say "installing $missing"
  as_root apt-get update >/dev/null 2>&1 || say "apt-get update failed; going on with the lists that are there"
  case $missing in *openjdk-25*)
    apt-cache show openjdk-25-jdk-headless >/dev/null 2>&1 ||
      die "no JDK of 25 or newer found, and this release of the distribution has none: install one" \
        "(Debian 13 has openjdk-25-jdk-headless; others are at https://adoptium.net) and set JAVA_HOME to its folder" ;;
  esac
  # shellcheck disable=SC2086 # a list of words
  if ! output=$(as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends $missing 2>&1); then
    echo "$output" | tail -n 40 >&2
    die "apt-get install $missing failed"
  fi
  find_jdk || die "no JDK of 25 or newer found; set JAVA_HOME to its folder"
}

# Maven without the JDK's warnings about Maven itself, and without progress bars.
maven() {
  MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED ${MAVEN_OPTS-}" \
    mvn -B -ntp "$@"
}
