/** What was seen of a program while its command waited at the gate, and afterwards. All of it comes from the kernel; what the program prints is shown, and counts for nothing. */
import type { Controller } from '../../kernel/cgroups.ts'
import type { Cidr } from '../../kernel/address.ts'
import type { Link } from '../../kernel/interfaces.ts'
import type { Route } from '../../kernel/rtnetlink.ts'
import type { MountEntry } from '../../kernel/mountinfo.ts'
import type { Namespace } from '../../kernel/proc.ts'
import type { Users } from '../../kernel/users.ts'
import type { Asked } from './asked.ts'
import type { PullFacts } from './pull-facts.ts'

export interface Facts {
  asked: Asked
  /** The machine as the program has it: the arena. */
  host: HostFacts
  /** The command at its gate; none when it never came there. */
  box?: BoxFacts
  /** Lesson 4: after the command has taken more memory than it may. */
  hog?: HogFacts
  /** Lesson 4: after the command has started more processes than it may, in a trial of its own. */
  bomb?: BombFacts
  /** Lesson 8: after the command has tried to make a user namespace, in a trial of its own. */
  rebel?: RebelFacts
  /** Lesson 9: what a program that unpacks images has made of some. */
  unpacked?: UnpackFacts
  /** Lesson 10: of a program that pulls images. */
  pulled?: PullFacts
  /** Lesson 11: boxes that stand on snapshots. */
  standing?: StandingFacts
  /** Lesson 13: of a runtime, all that is known. */
  life?: LifeFacts
  end: End
  left: Left
}

/** What is left afterwards, a line each: processes, mounts, cgroups, interfaces; files in the root file system. */
export interface Left {
  processes: string[]
  mounts: string[]
  cgroups: string[]
  interfaces: string[]
  rootfs: string[]
}

export interface HostFacts {
  root: string
  hostname: string
  /** Its name after the trial. */
  hostnameAfter: string
  namespaces: Record<Namespace, number>
  /** Whether that is a user namespace already, and which numbers there are in it. */
  users: Users
  /** Those that the judge itself is in, and so whatever it starts. */
  groups: number[]
}

export interface End {
  /** None when it had to be ended. 128 + n when signal n did. */
  status?: number
  stdout: string
  stderr: string
}

/** Directories as `device:inode`. */
export interface BoxFacts {
  pid: number
  /** The name that Boxwright has given it, if it is one of its boxes. */
  name?: string
  root: string
  rootfs: string
  /** The directory above ROOTFS. */
  parent: string
  cwd: { path: string; inside: boolean }
  argv: string[]
  namespaces: Record<Namespace, number>
  /** Its number in each PID namespace, ours first. */
  pids: number[]
  hostname: string
  rights: RightsFacts
  mounts?: MountFacts
  shares?: ShareFacts
  network?: NetworkFacts
}

export interface MountFacts {
  /** The box's mounts as it sees them, below its own root. */
  table: MountEntry[]
  /** Is its root the root of its mount namespace, or only its own? */
  pivoted: boolean
  /** Where the host's root can still be found in that namespace, if it can. */
  oldRoot: string | undefined
  /** Mounts of the box that can be seen outside of it. */
  leaked: string[]
  /** The PID namespace that /proc speaks of: that of the process which is number 1 there. */
  procOf: number | 'none' | 'not to be read'
  /** By name below /dev, what there is. */
  devices: Record<string, DeviceFacts | undefined>
  /** The paths at which the box has the very file system that the host has there. */
  hosts: string[]
}

export interface DeviceFacts {
  kind: 'device' | 'something else'
  numbers: string
  mode: number
}

/** Interfaces, addresses in CIDR notation, routes: in the box, and where the program itself is. */
export interface NetworkFacts {
  box: Surroundings
  host: Surroundings
}

export interface Surroundings {
  links: Link[]
  addresses: (Cidr & { index: number })[]
  routes: Route[]
}

export interface RightsFacts {
  /** Lines of uid_map and gid_map, as `uid_map 0 1000 1`. */
  maps: string[]
  /** Who it is, as we count users and groups; and the groups that it is in besides. */
  uid: number
  gid: number
  groups: number[]
  /** Whose its root directory is, as it is mounted there. */
  rootOwner: number
  /** Permitted and effective ones together: capabilities(7). */
  capabilities: bigint
  /** What execve(2) can give, and what is carried through it by itself: inheritable and ambient ones together. */
  bounding: bigint
  carried: bigint
  noNewPrivileges: boolean
  /** 2 is a filter: seccomp(2). */
  seccomp: number
}

export interface ShareFacts {
  /** Its cgroup for each controller that this machine offers. */
  cgroups: CgroupFacts[]
  /** Its place in the cgroup tree as its own cgroup namespace tells it: `/` where that begins at its cgroup. */
  view: string[]
}

export interface CgroupFacts {
  controller: Controller
  version: 1 | 2
  directory: string
  /** Not the judge's own cgroup, nor one above that. */
  own: boolean
  /** The limits in it, by file name, and those in the cgroup above. */
  limits: Record<string, string>
  above: Record<string, string>
}

export interface HogFacts {
  /** Is the process that took the memory still there? */
  survived: boolean
  /** What it has in memory, in bytes. */
  resident: number
  oomKills: number
}

export interface RebelFacts {
  /** Is a process of the box in another user namespace than the box? */
  free: boolean
}

export interface BombFacts {
  asked: number
  processes: number
  refused: number
}

/** Trees are by path: `file 755 what is in it`, `link where to`, `directory`. What has to be there is beside what was found. */
export interface UnpackFacts {
  image: {
    status: number | undefined
    tree: Record<string, string>
    /** Of the lowest layer, and touched by none above. */
    lowest: Record<string, string>
    /** What the layers above have put there. */
    layers: Record<string, string>
    gone: string[]
    /** By directory, all that is in it. */
    opaque: Record<string, Record<string, string>>
  }
  /** An image with a wrong bit in it: is that bit in the tree? */
  damaged: { status: number | undefined; isThere: boolean }
  /** A directory beside the tree, to which links lead: what has come to be in it, and whether its file was removed, or got a name in the tree. */
  outside: { written: string[]; removed: boolean; taken: boolean }
}

/** What a box sees of the files that are asked about, and what its root is. */
export interface RootFacts {
  /** By name, what is in it; those that are there. */
  files: Record<string, string>
  type: string
  /** Of an overlay, as its mount tells them. */
  upper: string | undefined
  work: string | undefined
}

export interface StandingFacts {
  names: Record<'kept' | 'order' | 'first' | 'changed' | 'gone' | 'mine', string>
  words: Record<'base' | 'first' | 'second' | 'mine', string>
  /** Commands that ended with another status than 0. */
  failed: string[]
  /** The first box of all, on the image itself. */
  one: RootFacts | undefined
  /** Two boxes on one snapshot, at the same time, of which the first has changed what it sees. */
  boxes: Record<'a' | 'b', RootFacts | undefined>
  /** Mounts that were seen outside of the boxes. */
  leaked: string[]
  /** Files of what they stand on that are not as they were. */
  touched: string[]
  /** In bytes: the image, and what two more snapshots have added to the store. */
  disk: { image: number; added: number }
  /** What the first of them has added, as it is kept: by path, what is in it, or `gone`. */
  change: Record<string, string>
  /** A box on that. */
  child: RootFacts | undefined
}

/** One command of a runtime, to its end. */
export interface Act {
  status: number
  stdout: string
  stderr: string
}

/** A container's life, as it was seen from outside; `said` is what the runtime says of it. */
export interface LifeFacts {
  created: Act & {
    /** A process whose root is the bundle's, its mount namespace, and the kinds of namespaces in which it is not where we are. */
    pid?: number
    mnt?: number
    apart: Namespace[]
    /** Does the command run already? */
    isCommand: boolean
    /** Has whoever made it gone? */
    isAlone: boolean
  }
  /** Who came to the gate. */
  started: Act & { pid?: number }
  killed: Act & { ended: boolean }
  /** Is the container still known afterwards? */
  deleted: Act & { known: boolean }
  /** The same once more: a container of the same name, a start of one that runs, a delete of one that runs. */
  refused: Record<'create' | 'start' | 'delete', boolean>
  said: Record<'created' | 'running', { status: string; pid: number }>
  hooks: HookFacts[]
  /** A container whose command is not there: how `create` ended, and what is left of it. */
  missing: { status: number; known: boolean; processes: number }
}

export interface HookFacts {
  name: string
  /** After which command it had been run. */
  when: 'create' | 'start' | 'delete'
  /** Its mount namespace; 0 of one that could not say. */
  mnt: number
  /** What it was told on its standard input. */
  told?: { id: string; status: string } | undefined
}
