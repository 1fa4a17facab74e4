/** What the runtime is asked, in the words of runC's command line. */
import type { RootMount } from '../oci/root-mount.ts'
import type { Wall } from '../plan/plan.ts'

/** For all of its commands. */
export interface Settings {
  /** The directory in which each container has one of its own. */
  root: string
  /** Cgroups are asked of systemd, and not made. */
  systemdCgroup: boolean
  /** Are cgroups that are not ours done without, when nobody has asked for them? `auto`: unless we are the machine's root. */
  rootless: 'true' | 'false' | 'auto'
  /** Changes the list of walls: a learner's goes in the place of ours. */
  change?: (walls: Wall[]) => Wall[]
  /** Is told what is done, a line at a time. */
  debug?: (words: string) => void
}

/** For `create` and `run`. */
export interface Making {
  id: string
  /** The directory with `config.json`. */
  bundle: string
  /** What the bundle's root file system is made of, when it is not there but an empty directory. */
  layers?: readonly RootMount[]
  /** A file in the place of the bundle's `config.json`. */
  config?: string
  consoleSocket?: string
  /** Somebody waits there for a pidfd of the process. */
  pidfdSocket?: string
  pidFile?: string
  noPivot?: boolean
  noNewKeyring?: boolean
  /** So many descriptors, from 3 on, are the container's as well, and its process is told so: sd_listen_fds(3). */
  listenFds?: number
  /** And so many after those. */
  preserveFds?: number
  /** `run`: comes back when the command runs, and not when it has ended. */
  detach?: boolean
  /** `run`: what there is of the container stays when it has ended. */
  keep?: boolean
  /** `run`, when it is detached: its launcher stays, as its monitor. */
  monitor?: Monitor
}

/** Who stays with a container whose maker has gone. */
export interface Monitor {
  /** The command's exit status goes there when it has ended. */
  statusFile: string
  /** And what it says, line by line. */
  logFile: string
  /** What the monitor becomes in the end: a program and its words. */
  afterwards: readonly string[]
  /** Is told its number before there is a container. */
  launching(pid: number): void
}

/** For `exec`. */
export interface Executing extends Pick<
  Making,
  'consoleSocket' | 'pidfdSocket' | 'pidFile' | 'preserveFds' | 'detach'
> {
  /** A `process` of `config.json`; what it leaves out is the container's own. */
  process: Record<string, unknown>
  /** Below the container's own cgroup. */
  cgroup?: string
  ignorePaused?: boolean
}

/** BOXWRIGHT_RUN says where all that runs is known. Without root, a place of one's own: XDG Base Directory Specification. */
export function defaultRoot(): string {
  const { BOXWRIGHT_RUN: told, XDG_RUNTIME_DIR: own } = process.env
  if (told) return `${told}/containers`
  if (process.geteuid?.() === 0) return '/run/boxwright-runc'
  return own ? `${own}/boxwright-runc` : `/tmp/boxwright-runc-${process.geteuid?.()}`
}

/** Where nobody has wished for anything. */
export const usualSettings = (): Settings => ({ root: defaultRoot(), systemdCgroup: false, rootless: 'auto' })
