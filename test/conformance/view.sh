#!/bin/sh
# The world in which one program of the suite runs: `view.sh NAME COMMAND …`. The suite mounts into its caller's namespace, makes cgroups at the
# top, and a runtime that errs has removed /dev/null; here all of that is the program's own. Twice started: outside makes cgroups called NAME, and
# inside, in namespaces, sees these as the top, in the legacy layout of cgroup v1, which is what the suite can read. Of a controller that is not
# to be had it says "view: no CONTROLLER".
set -eu

outside() {
  name=$1
  shift
  mount -t tmpfs hierarchies /mnt
  for controllers in $(hierarchies); do
    mkdir "/mnt/$controllers"
    if ! mount -t cgroup -o "$controllers" cgroup "/mnt/$controllers" 2>/dev/null; then # version 2 has it just now
      rmdir "/mnt/$controllers"
      continue
    fi
    mkdir "/mnt/$controllers/$name"
  done
  for file in cpuset.cpus cpuset.mems; do # empty in a new cgroup, and then nobody may enter: cpuset(7)
    for cpuset in /mnt/*/cgroup.procs; do
      top=${cpuset%/*}
      [ ! -e "$top/$file" ] || cat "$top/$file" >"$top/$name/$file"
    done
  done
  sweep
  trap 'end "$name"' EXIT
  trap 'exit 143' HUP INT TERM # with which dash would end without the other one
  (
    for cgroup in /mnt/*/"$name"; do echo 0 >"$cgroup/cgroup.procs"; done
    exec unshare --mount --cgroup --pid --fork --kill-child --propagation private sh "$0" inside "$@"
  )
}

# What rmdir(2) has taken is gone a moment later, and until then its hierarchy stays, though nobody may have it mounted any more.
end() {
  find /mnt/*/"$1" -depth -type d -exec rmdir {} \;
  sleep 0.1
}

# Of runs that were killed. A cgroup keeps its hierarchy, and that its controllers from everybody else.
sweep() {
  for cgroup in /mnt/*/conformance-*; do
    run=${cgroup##*/conformance-}
    [ ! -d "$cgroup" ] || [ -d "/proc/${run%%-*}" ] || find "$cgroup" -depth -type d -exec rmdir {} \; || true
  done
}

# A line for each: its controllers, as mount(8) takes them. Those that nobody has mounted can be mounted, too.
hierarchies() {
  cut -d: -f2 /proc/self/cgroup | grep -v -e '^$' -e =
  while read -r controller hierarchy _ enabled; do
    [ "$hierarchy $enabled" != "0 1" ] || echo "$controller"
  done </proc/cgroups
}

inside() {
  hold=$(ls /mnt)
  umount -R /sys/fs/cgroup
  mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup
  for controllers in $hold; do
    mkdir "/sys/fs/cgroup/$controllers"
    mount -t cgroup -o "$controllers" cgroup "/sys/fs/cgroup/$controllers"
    for controller in $(echo "$controllers" | tr , ' '); do
      [ -e "/sys/fs/cgroup/$controller" ] || ln -s "$controllers" "/sys/fs/cgroup/$controller"
    done
  done
  umount -R /mnt
  for controller in blkio cpu cpuset devices freezer hugetlb memory net_cls net_prio pids; do
    [ -e "/sys/fs/cgroup/$controller" ] || echo "view: no $controller" >&2
  done
  mount -t proc proc /proc
  make_dev
  mount -t tmpfs -o mode=755 run /run
  mkdir /run/bundles
  export TMPDIR=/run/bundles
  "$@" # and no exec: process 1 is to wait for whatever becomes its child
}

make_dev() {
  mount -t tmpfs -o mode=755 dev /mnt
  for device in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
    mknod -m 666 "/mnt/${device%%:*}" c $(echo "${device#*:}" | tr : ' ')
  done
  mkdir /mnt/pts /mnt/shm /mnt/mqueue
  mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts /mnt/pts
  mount -t tmpfs -o mode=1777 shm /mnt/shm
  ln -s pts/ptmx /mnt/ptmx
  ln -s /proc/self/fd /mnt/fd
  for stream in stdin:0 stdout:1 stderr:2; do ln -s "/proc/self/fd/${stream#*:}" "/mnt/${stream%:*}"; done
  mount --move /mnt /dev
}

case $1 in
inside) shift && inside "$@" ;;
*) outside "$@" ;;
esac
