# shellcheck shell=bash
# What a virtual machine boots, built once and kept in $cache. Sourced by run.

# cached KIND INPUTS ARGUMENT...: sets $built to what images/KIND makes of these arguments, once for each state of INPUTS.
cached() {
  local kind=$1 inputs=$2
  shift 2
  built=$cache/$kind-$(echo "$inputs" | cat - "$here/images/$kind" | sha256sum | cut -c1-16)
  if [ ! -d "$built" ]; then
    say "building $built"
    mkdir "$work/$kind"
    guarded "$here/images/$kind" "$work/$kind" "$@" >"$work/$kind.log" 2>&1 ||
      { tail -n 20 "$work/$kind.log" >&2; die "images/$kind failed"; }
    # Another run may have been quicker.
    mv -T "$work/$kind" "$built" 2>/dev/null || [ -d "$built" ]
  fi
  touch "$built"
}

# Removes what no run has used for a week, and what one has left that was killed.
prune() {
  find "$cache" -mindepth 1 -maxdepth 1 \( -name '*-*' -mtime +7 -o -name 'work.*' -mtime +1 \) -exec rm -rf {} +
}

# What tests need in a machine, with a nested guest.
packages=openjdk-25-jre-headless,libbpf1,iproute2,kmod,qemu-system-x86

# build_filesystem KIND PACKAGE,... ARGUMENT...
build_filesystem() {
  local kind=$1 list=$2 inputs
  shift 2
  # shellcheck disable=SC2086 # a list
  inputs=$(versions trixie ${list//,/ })
  cached "$kind" "$inputs $* $(cat "$here/images/filesystem")" "$mirror" "$keyring" "$list" "$@"
}

# Sets $root: the root file system, and QEMU.
build_root() {
  build_filesystem root "$packages"
  root=$built
}

# Sets $box; after build_root and build_kernel.
build_box() {
  local key
  key=$(find /usr/share /opt/vagrant -path '*/keys/vagrant.pub' 2>/dev/null | head -n 1 || true)
  [ -n "$key" ] || die "vagrant has no keys/vagrant.pub"
  build_filesystem box "$packages,systemd-sysv,udev,dbus,openssh-server,sudo,rsync" "$kernel" "$root/qemu" "$key"
  box=$built/fid.box
}

# build_kernel NAME: sets $kernel.
build_kernel() {
  local release package packages
  read -r _ release package < <(grep "^$1 " "$here/kernels.txt") || die "kernels.txt has no $1"
  packages=$(versions "$release" "$package")
  packages=$(echo "$packages" | grep -E '^linux-(image|binary|modules|base)-[0-9]')
  packages+=" $(versions trixie busybox-static | grep ^busybox-static=)"
  # shellcheck disable=SC2086 # a list
  cached kernel "$packages $(nested_inputs; cat "$here"/{images/nested,guest/initrd})" $packages
  kernel=$built
}

nested_inputs() { cat "$here"/images/initrd "$here"/nested/*; }

# Sets $nested: what the guest of this machine itself boots, its own kernel.
build_nested() {
  local release
  release=$(uname -r)
  cached nested "$release $(nested_inputs)" "/boot/vmlinuz-$release" / "$release"
  nested=$built
}
