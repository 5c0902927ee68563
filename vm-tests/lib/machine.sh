# shellcheck shell=bash
# Boots a virtual machine of $root, $kernel and $work/project.ext4. Sourced by run.

# boot KVM|TCG SECONDS ARGUMENTS: true once the machine is ready. $child is its process, $work/console what it says.
boot() {
  local accelerator=$1 waited=0 patient=
  if [ "$1" = tcg ]; then
    accelerator=tcg,thread=multi
    # The kernel takes an emulated processor that has to wait for one that stands still.
    patient="nowatchdog rcupdate.rcu_cpu_stall_suppress=1 sysctl.kernel.hung_task_timeout_secs=0"
  fi
  : >"$work/console"
  rm -f "$work/reports.tar"
  truncate -s 256M "$work/reports.tar"
  TMPDIR=$work start "$root/qemu" -nodefaults -no-user-config -no-reboot -display none \
    -M q35 -accel "$accelerator" -cpu max -smp 2 -m 3072 -device virtio-rng-pci -serial "file:$work/console" \
    -kernel "$kernel/vmlinuz" -initrd "$kernel/initrd" \
    -append "console=ttyS0 loglevel=5 panic=-1 mitigations=off $patient -- $3" \
    -drive "file=$root/root.ext4,format=raw,if=virtio,snapshot=on" \
    -drive "file=$kernel/kernel.ext4,format=raw,if=virtio,readonly=on" \
    -drive "file=$work/project.ext4,format=raw,if=virtio,readonly=on" \
    -drive "file=$work/reports.tar,format=raw,if=virtio" >"$work/qemu.log" 2>&1
  until grep -q '^fid: ready' "$work/console"; do
    if ! running || [ $waited -ge $(($2 * 2)) ]; then
      end_child
      cat "$work/qemu.log" >&2
      return 1
    fi
    sleep 0.5
    waited=$((waited + 1))
  done
}

# boot_somehow ARGUMENTS: with the processor's help where a machine gets ready with it, else emulated. An emulated machine
# that does not get ready is tried once more.
boot_somehow() {
  local useless
  useless=$cache/no-kvm-$(cat /proc/sys/kernel/random/boot_id)
  if [ -w /dev/kvm ] && [ ! -e "$useless" ]; then
    boot kvm 30 "$1" && return
    say "no machine gets ready with /dev/kvm: the processor is emulated, which takes 15 to 25 times as long"
    rm -f "$cache"/no-kvm-*
    touch "$useless"
  fi
  boot tcg 180 "$1" && return
  say "the machine did not get ready, and is started once more; its last lines:"
  tail -n 5 "$work/console" >&2
  boot tcg 180 "$1"
}

# Shows what the machine says until it ends; false where that takes longer than SECONDS.
attend() {
  local lines shown=0 until=$((SECONDS + $1))
  while running; do
    sleep 1
    lines=$(tr -d '\r' <"$work/console" | sed -n 's/^fid: //p' | tail -n +$((shown + 1)))
    [ -z "$lines" ] || echo "$lines"
    shown=$((shown + $(printf '%s' "${lines:+$lines
}" | wc -l)))
    [ $SECONDS -lt $until ] || return 1
  done
}
