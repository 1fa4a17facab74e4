/** The kernel's numbers under the kernel's names. Each group says which header they come from and which man page explains them. */

/** `<linux/sched.h>`: namespaces(7), unshare(2), setns(2). */
export const CLONE_FS = 0x00000200
export const CLONE_NEWTIME = 0x00000080
export const CLONE_NEWNS = 0x00020000
export const CLONE_NEWCGROUP = 0x02000000
export const CLONE_NEWUTS = 0x04000000
export const CLONE_NEWIPC = 0x08000000
export const CLONE_NEWUSER = 0x10000000
export const CLONE_NEWPID = 0x20000000
export const CLONE_NEWNET = 0x40000000

/** `<sys/mount.h>`: mount(2). */
export const MS_RDONLY = 1
export const MS_NOSUID = 2
export const MS_NODEV = 4
export const MS_NOEXEC = 8
export const MS_SYNCHRONOUS = 16
export const MS_REMOUNT = 32
export const MS_MANDLOCK = 64
export const MS_DIRSYNC = 128
export const MS_NOSYMFOLLOW = 256
export const MS_NOATIME = 1024
export const MS_NODIRATIME = 2048
export const MS_BIND = 4096
export const MS_MOVE = 8192
export const MS_REC = 16384
export const MS_SILENT = 1 << 15
export const MS_UNBINDABLE = 1 << 17
export const MS_PRIVATE = 1 << 18
export const MS_SLAVE = 1 << 19
export const MS_SHARED = 1 << 20
export const MS_RELATIME = 1 << 21
export const MS_I_VERSION = 1 << 23
export const MS_STRICTATIME = 1 << 24
export const MS_LAZYTIME = 1 << 25

/** `<sys/mount.h>`: umount2(2). */
export const MNT_DETACH = 2

/** `<linux/mount.h>`: open_tree(2), mount_setattr(2). */
export const OPEN_TREE_CLONE = 1
export const AT_RECURSIVE = 0x8000
export const MOUNT_ATTR_RDONLY = 0x00000001
export const MOUNT_ATTR_NOSUID = 0x00000002
export const MOUNT_ATTR_NODEV = 0x00000004
export const MOUNT_ATTR_NOEXEC = 0x00000008
export const MOUNT_ATTR_NOATIME = 0x00000010
export const MOUNT_ATTR_STRICTATIME = 0x00000020
/** Which of the times of access: one choice, 0 is relatime. Whoever makes it clears this first. */
export const MOUNT_ATTR__ATIME = 0x00000070
export const MOUNT_ATTR_NODIRATIME = 0x00000080
export const MOUNT_ATTR_IDMAP = 0x00100000
export const MOUNT_ATTR_NOSYMFOLLOW = 0x00200000

/** `<sys/stat.h>`: inode(7). */
export const S_IFREG = 0o100000
export const S_IFIFO = 0o010000
export const S_IFCHR = 0o020000
export const S_IFBLK = 0o060000

/** `<linux/prctl.h>`: prctl(2). */
export const PR_SET_PDEATHSIG = 1
export const PR_SET_CHILD_SUBREAPER = 36
export const PR_SET_KEEPCAPS = 8
export const PR_SET_NO_NEW_PRIVS = 38
export const PR_CAP_AMBIENT = 47
export const PR_CAP_AMBIENT_RAISE = 2

/** `<linux/landlock.h>`: landlock(7). */
export const LANDLOCK_ACCESS_FS_EXECUTE = 1 << 0
export const LANDLOCK_ACCESS_FS_WRITE_FILE = 1 << 1
export const LANDLOCK_ACCESS_FS_READ_FILE = 1 << 2
export const LANDLOCK_ACCESS_FS_READ_DIR = 1 << 3
export const LANDLOCK_ACCESS_FS_REMOVE_DIR = 1 << 4
export const LANDLOCK_ACCESS_FS_REMOVE_FILE = 1 << 5
export const LANDLOCK_ACCESS_FS_MAKE_CHAR = 1 << 6
export const LANDLOCK_ACCESS_FS_MAKE_DIR = 1 << 7
export const LANDLOCK_ACCESS_FS_MAKE_REG = 1 << 8
export const LANDLOCK_ACCESS_FS_MAKE_SOCK = 1 << 9
export const LANDLOCK_ACCESS_FS_MAKE_FIFO = 1 << 10
export const LANDLOCK_ACCESS_FS_MAKE_BLOCK = 1 << 11
export const LANDLOCK_ACCESS_FS_MAKE_SYM = 1 << 12
export const LANDLOCK_ACCESS_FS_REFER = 1 << 13
export const LANDLOCK_ACCESS_FS_TRUNCATE = 1 << 14
export const LANDLOCK_ACCESS_FS_IOCTL_DEV = 1 << 15
export const LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET = 1
export const LANDLOCK_SCOPE_SIGNAL = 2

/** `<linux/keyctl.h>`: keyctl(2). */
export const KEYCTL_JOIN_SESSION_KEYRING = 1

/** `<fcntl.h>`: fcntl(2). */
export const F_SETFD = 2
export const FD_CLOEXEC = 1

/** `<fcntl.h>`: open(2). O_PATH: a descriptor that names a place and opens nothing. */
export const O_RDWR = 2
export const O_PATH = 0x200000

/** `<sys/socket.h>`: socket(2), recv(2). */
export const AF_NETLINK = 16
export const SOCK_RAW = 3
export const SOCK_CLOEXEC = 0o2000000
export const MSG_DONTWAIT = 0x40

/** `<linux/netlink.h>`: netlink(7). Which part of the kernel is spoken to. */
export const NETLINK_ROUTE = 0
export const NETLINK_NETFILTER = 12

/** `<linux/rtnetlink.h>`: rtnetlink(7). */
export const RTM_NEWLINK = 16
export const RTM_DELLINK = 17
export const RTM_GETLINK = 18
export const RTM_SETLINK = 19
export const RTM_NEWADDR = 20
export const RTM_GETADDR = 22
export const RTM_NEWROUTE = 24
export const RTM_GETROUTE = 26

/** `<linux/if_link.h>`, `<linux/if_addr.h>`, `<linux/rtnetlink.h>`: attributes of interfaces, addresses and routes. */
export const IFLA_ADDRESS = 1
export const IFLA_IFNAME = 3
export const IFLA_MTU = 4
export const IFLA_MASTER = 10
export const IFA_ADDRESS = 1
export const IFA_LOCAL = 2
export const RTA_DST = 1
export const RTA_OIF = 4
export const RTA_GATEWAY = 5
export const RT_TABLE_MAIN = 254
export const IFLA_LINK = 5

/** `<net/if.h>`: netdevice(7). */
export const IFF_UP = 1

/** `<sys/file.h>`: flock(2). */
export const LOCK_EX = 2

/** `<sys/resource.h>`: getrlimit(2). */
export const RLIMIT_CPU = 0
export const RLIMIT_FSIZE = 1
export const RLIMIT_DATA = 2
export const RLIMIT_STACK = 3
export const RLIMIT_CORE = 4
export const RLIMIT_RSS = 5
export const RLIMIT_NPROC = 6
export const RLIMIT_NOFILE = 7
export const RLIMIT_MEMLOCK = 8
export const RLIMIT_AS = 9
export const RLIMIT_LOCKS = 10
export const RLIMIT_SIGPENDING = 11
export const RLIMIT_MSGQUEUE = 12
export const RLIMIT_NICE = 13
export const RLIMIT_RTPRIO = 14
export const RLIMIT_RTTIME = 15

/** `<linux/ioprio.h>`: ioprio_set(2). Who is meant, and where in the word the class stands. */
export const IOPRIO_WHO_PROCESS = 1
export const IOPRIO_CLASS_SHIFT = 13

/** `<signal.h>`: signal(2). The two handlers that are not functions. */
export const SIG_DFL = 0
export const SIG_IGN = 1

/** `<sys/syscall.h>`: syscall(2). Numbers of calls that the C library has no function for, or not everywhere. */
const SYSTEM_CALLS = {
  x64: { pivot_root: 155, mknodat: 259, open_tree: 428, move_mount: 429, mount_setattr: 442 },
  arm64: { pivot_root: 41, mknodat: 33, open_tree: 428, move_mount: 429, mount_setattr: 442 },
} as const

export const SYS = SYSTEM_CALLS[process.arch === 'arm64' ? 'arm64' : 'x64']

/** `<fcntl.h>`: openat(2). In place of a directory's descriptor: the working directory. */
export const AT_FDCWD = -100

/** `<linux/mount.h>`, `<fcntl.h>`: the descriptor itself is meant. */
export const AT_EMPTY_PATH = 0x1000
export const MOVE_MOUNT_F_EMPTY_PATH = 4
export const OPEN_TREE_CLOEXEC = 0x80000
