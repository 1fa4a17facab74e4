/** Why two runtimes differ where they do. The first that fits is the reason; a difference that none fits has none known, and that is shown. */
import type { Compared } from './compare.ts'

/** One of three says on what it is matched: their call, made by them alone or elsewhere; the same of both; ours, which they do not make. */
interface Reason {
  theirs?: RegExp
  both?: RegExp
  ours?: RegExp
  why: string
  /** Holds for stages before this lesson alone: it is where our wall comes. */
  before?: number
}

// #region reasons
/** @returns nothing of a row in which there is nothing to explain, or of which no reason is known. */
export function reasonOf({ sign, theirs, ours }: Compared, stage: number): string | undefined {
  const call = theirs?.text ?? ours?.text ?? ''
  const matches = (reason: Reason): boolean => {
    if (stage >= (reason.before ?? Infinity)) return false
    if (sign === '~' && reason.both) return reason.both.test(call)
    return (sign === '+' ? reason.ours : reason.theirs)?.test(call) === true
  }
  return sign === ' ' ? undefined : ALL.find(matches)?.why
}

/** What stages before the wall's lesson lack. */
const LESSONS_TO_COME: readonly Reason[] = [
  { before: 2, theirs: /^(clone|unshare|sethostname)\(/, why: 'namespaces are lesson 2' },
  {
    before: 3,
    theirs: /^(u?mount2?|mkdir|mknod|symlink|chmod|chown)\((?!.*(crun|runc|fifo|\/sys\/fs\/cgroup\/))/,
    why: 'mounts and devices are lesson 3',
  },
  {
    before: 3,
    theirs: /^(pivot_root|chdir)\(/,
    why: 'to change the root for good is lesson 3; until then it is chroot',
  },
  { before: 3, ours: /^(chroot|chdir)\(/, why: 'lesson 1: the root that a process looks up paths from' },
  { before: 4, theirs: /\/sys\/fs\/cgroup\/|^unshare\(CLONE_NEWCGROUP\)/, why: 'cgroups are lesson 4' },
  { before: 8, theirs: /\/devices\.(deny|allow)/, why: 'which devices may be opened at all: the list is lesson 8' },
  { before: 8, theirs: /^keyctl\(/, why: 'keys are looked up in a keyring of the box’s own; ours comes with lesson 8' },
  {
    before: 8,
    theirs: /^(capset|prctl\((PR_CAP|PR_SET_(NO_NEW_PRIVS|SECCOMP))|seccomp)/,
    why: 'capabilities, filters, and that nobody gains any rights: lesson 8',
  },
  {
    before: 8,
    theirs: /^(mount|creat)\((.*, )?\/(proc|sys)\/(?!fs\/cgroup)/,
    why: 'what is hidden in /proc and /sys, or to be read only: lesson 8',
  },
  {
    before: 6,
    theirs: /^(setuid|setgid|setgroups|prctl\(PR_SET_KEEPCAPS)/,
    why: 'to be the user that the bundle names, and keep capabilities until they are chosen: lesson 6',
  },
]

const SEALED = 'CVE-2019-5736: nobody inside may write to the program that made the box.'

const ITSELF: readonly Reason[] = [
  {
    theirs: /(crun|runc)\.X|^execve\(\/proc\/\{box\}\/exe|^memfd_create|^fcntl\(F_ADD_SEALS|^execve\(memfd/,
    why: `${SEALED} It runs from a read-only mount of its own file, or from a sealed copy`,
  },
  {
    ours: /^memfd_create|^fcntl\(F_ADD_SEALS|^execve\(memfd/,
    why: `${SEALED} Ours runs from a sealed copy in memory, which needs no mount`,
  },
  {
    theirs: /^prctl\(PR_SET_CHILD_SUBREAPER/,
    why: 'a process of the box that loses its parent becomes its child; with us Node’s, which asked for that earlier',
  },
  {
    ours: /^prctl\(PR_SET_PDEATHSIG/,
    why: 'when whoever started our launcher dies, the box goes too; theirs are made to outlive their maker',
  },
  {
    theirs: /exec\.fifo/,
    why: 'create and start are two commands: the box waits here until start opens the other end',
  },
  { theirs: /^prctl\(PR_SET_DUMPABLE/, why: 'nobody inside may look into it by ptrace meanwhile (CVE-2016-9962)' },
  { theirs: /^setsid/, why: 'a session of its own, which can get a terminal; ours stays in yours, and so does Ctrl-C' },
  {
    ours: /^close_range/,
    why: 'what the launcher had open is closed at once; they go through their descriptors one by one',
  },
  { both: /^close_range/, why: 'before the pivot there, with the last step here' },
  { ours: /^setrlimit\(RLIMIT_NOFILE/, why: 'Node, which started our launcher, had raised it for itself' },
]

const NAMESPACES: readonly Reason[] = [
  {
    theirs: /^clone\(0\)/,
    why: 'three processes in a row: the program again, one that makes namespaces, one that is born in them. Ours is one',
  },
  {
    both: /^clone\(/,
    why: 'born into all at once; ours into what a process can’t change later, and asks for the rest',
  },
  {
    theirs: /^unshare\(.*CLONE_NEWPID/,
    why: 'a process never changes its number: it asks for its next child’s. Ours has asked for that at birth',
  },
  {
    theirs: /^unshare\(CLONE_NEWCGROUP\)/,
    why: 'not before it is in its cgroup, since there this view begins. Ours walks in first, and asks for all at once',
  },
  { ours: /^unshare\(CLONE_NEWNET/, why: 'theirs came with the others; ours is a lesson of its own' },
  { both: /^sethostname/, why: 'as good here as there: the UTS namespace is its own by now' },
]

const USERS: readonly Reason[] = [
  {
    both: /^write\(.*\/[ug]id_map/,
    why: 'who is who: told from outside, since nobody inside may; ours as soon as the box is born',
  },
  {
    theirs: /^unshare\(CLONE_NEWUSER\)/,
    why: 'alone, and before all others, which are then its own; ours is born in it',
  },
  { both: /^(setuid|setgid|setgroups)\(/, why: 'root of the new namespace, here as there' },
  {
    theirs: /^(setuid|setgid|setgroups)\(/,
    why: 'once in each process on the way, and last to be the user that the bundle names; ours is root from the first',
  },
  {
    ours: /^(open_tree|move_mount|mount_setattr)\(.*\/(proc|sys)\//,
    why: 'to be read only: a mount of itself that cannot be written to, before it is anywhere',
  },
  {
    ours: /^(open_tree|move_mount|mount_setattr|chdir)\(.*tree of |^open_tree\(/,
    why: 'opened while the host is in sight, as a mount that is nowhere yet; id-mapped, and put in its place when the root is the box’s own: nobody can exchange it in between',
  },
  {
    both: /^(open_tree|mount_setattr|move_mount)\(/,
    why: 'the same idea, and in the same place: a mount that is nowhere yet. Ours gets its flags once it is inside',
  },
  {
    theirs: /^mount\(\/sys, \/sys,|^move_mount\(.*, \/sys\)/,
    why: 'sysfs shows a network, and it has none of its own: the host’s is bound',
  },
  { theirs: /^setns\(mnt/, why: 'back to the host’s mounts for a moment, for what is to be bound from there' },
  {
    theirs: /^mount\(\/BASE, \/BASE, MS_BIND/,
    why: 'pivot_root wants a mount point: it makes the root one. Ours is a mount already, id-mapped',
  },
  {
    theirs: /^(creat|mount)\(\/dev\/(null|zero|full|random|urandom|tty)\b/,
    why: 'nobody may make devices in a user namespace: the host’s are bound, each on an empty file',
  },
  { ours: /^mknod\(.*S_IFREG/, why: 'an empty file, for one of the host’s devices to be put on' },
]

const NETWORK: readonly Reason[] = [
  {
    theirs: /^(netlink\(RTM_NEWLINK|ioctl\(SIOCSIFFLAGS)/,
    why: 'lo is brought up: a network of one’s own begins without 127.0.0.1',
  },
  { both: /^(netlink|ioctl)\(/, why: 'lo is brought up: here by a message, there by a message or an ioctl' },
  {
    ours: /^(mount|mknod|umount2)\(.*(\/etc\/(hosts|hostname|resolv\.conf)|\/dev\/shm)/,
    why: 'names of machines: files in memory, bound over those of the image. To another runtime Docker gives them as mounts of the bundle',
  },
]

const RIGHTS: readonly Reason[] = [
  {
    theirs: /^prctl\(PR_SET_KEEPCAPS/,
    why: 'a change of user costs capabilities unless they are kept; ours stays root of its namespace, which costs none',
  },
  {
    theirs: /^prctl\(PR_CAPBSET_DROP/,
    why: 'twice: before the user is changed, and once more with the other sets',
  },
  { theirs: /^prctl\(PR_CAP_AMBIENT/, why: 'nothing is left ambient; a new user namespace begins so' },
  {
    both: /^prctl\(PR_SET_NO_NEW_PRIVS/,
    why: 'before the filter in both: who could gain rights may set none, or has to be root',
  },
  { both: /^(seccomp|prctl\(PR_SET_SECCOMP)/, why: 'the same list of calls, and each has compiled it for itself' },
  {
    theirs: /^(mount|creat)\(\/proc\/|^mount\(.*, \/(proc|sys)\/|^mount\(\/sys\//,
    why: 'to be read only: a bind mount of itself, and then its flags. Ours is a mount that cannot be written to before it is anywhere',
  },
  { ours: /^landlock/, why: 'our own extra wall: the specification has no word for it' },
  { both: /^keyctl/, why: 'a keyring of the box’s own, by another name' },
  { theirs: /^keyctl\(KEYCTL_SETPERM/, why: 'so that whoever joins the box later finds its keyring' },
]

const CGROUPS: readonly Reason[] = [
  {
    both: /cgroup\.procs/,
    why: 'put in from outside, by its number. 0 is whoever writes: our box walks in by itself',
  },
  { both: /^mkdir\((?!.*01755)/, why: 'the same, in another order' },
  {
    theirs: /\/devices\.(deny|allow)/,
    why: 'its own list comes first: any device may be made, and the usual ones opened; then the bundle’s. Ours is the bundle’s',
  },
  { ours: /\/devices\.(deny|allow)/, why: 'the bundle’s list, rule by rule' },
  { theirs: /cpuset\.(cpus|mems)/, why: 'a v1 cpuset takes nobody in before it has processors and memory nodes' },
  {
    theirs: /cgroup\.subtree_control/,
    why: 'all controllers are handed down on the way; ours are those that limit or count',
  },
  {
    theirs: /^bpf\(/,
    why: 'version 2 asks a program which devices may be opened; and before, smaller ones have found out what the kernel takes',
  },
  { theirs: /, -1\)$/, why: '-1 is no limit: it was not asked for one, and says so' },
  {
    theirs: /^(mkdir|write)\(\/sys\/fs\/cgroup\/.*(boxwright-ID|cgroup\.procs)/,
    why: 'a cgroup in every hierarchy there is; ours has them where something is limited or counted',
  },
  {
    ours: /\/sys\/fs\/cgroup/,
    why: 'the box may read its own limits. In a bundle that is a mount of type cgroup, and this one has none',
  },
]

const MOUNTS: readonly Reason[] = [
  {
    both: /^(pivot_root|umount2|chdir)\(/,
    why: 'there the mounts come first, and the pivot last; ours pivots first, so that no link in an image leads a mount outside',
  },
  {
    both: /^mount\(\/, MS_/,
    why: 'slave: what the host mounts later is still seen. Ours is private: nothing comes in',
  },
  { both: /^mount\(/, why: 'first to write to, and read-only once everything in it has been made' },
  {
    theirs: /^mount\(((\/|\.|\/BASE), MS_|\/[^,]*, MS_PRIVATE\))/, // a parent is what the root lies on, such as /tmp
    why: 'once more for the root, its parents, or the old root: pivot_root refuses what is shared, and an unmount must not get out',
  },
  {
    theirs: /^mount\(.*MS_REMOUNT/,
    why: 'flags that a first mount does not take, or read-only once everything in it has been made',
  },
  { theirs: /^chdir\(/, why: 'where it looks for the bundle’s root; back to the old one, to take it away; and in' },
  { theirs: /^ch(mod|own)\(/, why: 'owner and mode are set, whatever the umask was; ours plays with umask 0, as root' },
  { both: /^mkdir\(.*, 01755/, why: 'with the sticky bit, which the mount covers' },
  { both: /^(mkdir|mknod|symlink|chmod|chown)\(/, why: 'the same, in another order' },
  { theirs: /^symlink\(\/proc\/kcore/, why: 'the kernel’s memory under an old name: no specification asks for it' },
]
// #endregion reasons

const OURS_ALONE: readonly Reason[] = [
  { ours: /^unshare\(CLONE_NEWUSER\)/, why: 'lesson 5: without a map the command is nobody. A bundle can’t say that' },
]

const ALL = [
  ...LESSONS_TO_COME,
  ...OURS_ALONE,
  ...ITSELF,
  ...NAMESPACES,
  ...NETWORK,
  ...USERS,
  ...RIGHTS,
  ...CGROUPS,
  ...MOUNTS,
]
