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
    theirs: /^(capset|prctl\(PR_CAP|seccomp)/,
    why: 'the bundle grants no capability, so it loses all of them; ours are lesson 8',
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
  {
    ours: /^unshare\(/,
    why: 'what they have asked for earlier, or at birth; the cgroup namespace after it has walked into its cgroup',
  },
  { both: /^sethostname/, why: 'as good here as there: the UTS namespace is its own by now' },
]

const CGROUPS: readonly Reason[] = [
  {
    both: /cgroup\.procs/,
    why: 'put in from outside, by its number. 0 is whoever writes: our box walks in by itself',
  },
  { theirs: /cpuset\.(cpus|mems)/, why: 'a v1 cpuset takes nobody in before it has processors and memory nodes' },
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
    theirs: /^mount\((\/|\.|\/BASE), MS_/,
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

const ALL = [...LESSONS_TO_COME, ...OURS_ALONE, ...ITSELF, ...NAMESPACES, ...CGROUPS, ...MOUNTS]
