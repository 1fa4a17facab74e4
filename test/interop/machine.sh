#!/bin/sh
# Process 1 of the machine that machine.ts makes: `machine.sh PLACE REPOSITORY COMMAND …`, born in namespaces of its own. The root file system is
# the host's, and what is written goes into memory; devices, /proc, /sys, /run and the cgroups are its own. With this process everything in it ends.
set -e
place=$1 repository=$2
shift 2

own_root() {
  mount -t tmpfs -o mode=755 machine "$place"
  mkdir "$place/upper" "$place/work" "$place/root"
  mount -t overlay -o "lowerdir=/,upperdir=$place/upper,workdir=$place/work" machine "$place/root"
  cd "$place/root"
  mkdir -p var/lib/containerd var/lib/containers var/lib/docker
  for directory in run tmp var/lib/containerd var/lib/containers var/lib/docker; do # an overlay's upper directory can't be on an overlay
    mount -t tmpfs -o mode=755 machine $directory
  done
  chmod 1777 tmp
  mkdir -p ".$repository" # it may be below one of those
  mount --bind "$repository" ".$repository"
}

own_kernel_files() {
  mount -t proc proc proc
  mount -t sysfs sysfs sys
  mount -t tmpfs -o mode=755 cgroups sys/fs/cgroup
  while read -r directory type options; do
    mkdir -p ".$directory"
    mount -t "$type" -o "$options" "$type" ".$directory"
  done <"$place.cgroups"
}

own_devices() {
  mount -t tmpfs -o mode=755 devices dev
  mkdir dev/pts dev/shm dev/mqueue dev/net
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
  mount -t tmpfs -o mode=1777 shm dev/shm
  mount -t mqueue mqueue dev/mqueue
  umask 0
  for device in 'null 1 3' 'zero 1 5' 'full 1 7' 'random 1 8' 'urandom 1 9' 'tty 5 0' 'fuse 10 229' 'net/tun 10 200' 'kmsg 1 11'; do
    set -- $device
    mknod "dev/$1" c "$2" "$3"
  done
  umask 022
  ln -s pts/ptmx dev/ptmx
  ln -s /proc/self/fd dev/fd
  for stream in 0/stdin 1/stdout 2/stderr; do ln -s "/proc/self/fd/${stream%/*}" "dev/${stream#*/}"; done
}

mount --make-rprivate /
own_root
own_kernel_files
(own_devices)
pivot_root . .
umount -l .
cd "$repository"
mount --make-rshared / # as systemd has it
ip link set lo up
hostname machine
"$@" & # not exec: whoever is orphaned in here is waited for by this shell
wait $!
