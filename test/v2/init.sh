#!/bin/busybox sh
# Process 1 of the machine that test/v2/machine.ts boots, twice: in the initramfs it finds the root file system; there it is started again,
# puts a pure cgroup v2 machine around the one command, and hands back its exit status over a serial line.

find_root() {
  /bin/busybox --install -s /bin
  export PATH=/bin
  mount -t devtmpfs dev /dev
  set -e # a process 1 that ends is a kernel panic, with what it said in the log
  exec >/dev/console 2>&1
  mount -t proc proc /proc
  for module in /modules/*; do insmod "$module"; done
  # The root of whoever booted us, read-only; what is written goes into memory.
  mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=512000 host /host
  mount -t tmpfs over /over
  mkdir /over/upper /over/work
  mount -t overlay -o lowerdir=/host,upperdir=/over/upper,workdir=/over/work over /root
  mount -t tmpfs -o mode=755 run /root/run
  mkdir /root/run/boxwright-v2
  cp /init /job /bin/busybox /root/run/boxwright-v2
  mount --move /proc /root/proc
  mount --move /dev /root/dev
  exec switch_root /root /run/boxwright-v2/busybox sh /run/boxwright-v2/init
}

# Whoever was left running would keep the output open.
end_all_but() {
  while kill -0 "$1" 2>/dev/null; do
    for process in /proc/[0-9]*; do
      pid=${process#/proc/}
      [ "$pid" -eq 1 ] || [ "$pid" -eq "$1" ] || kill -9 "$pid" 2>/dev/null
    done
    busybox sleep 0.1
  done
}

be_a_machine() {
  here=/run/boxwright-v2
  export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  busybox() { $here/busybox "$@"; }
  busybox mount -t sysfs sysfs /sys
  busybox mount -t cgroup2 cgroup2 /sys/fs/cgroup
  busybox mkdir -p /dev/pts /dev/shm
  busybox mount -t devpts -o mode=620,ptmxmode=666 devpts /dev/pts
  busybox mount -t tmpfs -o mode=1777 shm /dev/shm
  busybox mount --make-rshared / # as systemd has it
  busybox ip link set lo up
  . $here/job
  if [ "$terminal" ]; then
    busybox setsid -c /bin/sh -c ". $here/job; job" </dev/ttyS1 >/dev/ttyS1 2>&1
    echo $? >$here/status
  else
    busybox stty -F /dev/ttyS1 raw -opost
    busybox mkfifo $here/output
    busybox cat $here/output >/dev/ttyS1 &
    /bin/sh -c ". $here/job; job" </dev/null >$here/output 2>&1
    echo $? >$here/status
    end_all_but $!
  fi
  busybox cat $here/status >/dev/ttyS2
  busybox poweroff -f
}

if [ -d /modules ]; then find_root; else be_a_machine; fi
