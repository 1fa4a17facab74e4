/**
 * A wall that is being written is wrong most of the time, and it is played as root. Its plan is looked through before the first call is made: what
 * would change the machine itself, and not a box, is refused with the reason.
 */
import { OPEN_TREE_CLONE } from '../../kernel/constants.ts'
import type { Machine } from '../../kernel/machine.ts'
import type { Spec } from '../../oci/spec.ts'
import { TAKES } from '../../plan/encode.ts'
import type { Plan, Step, Undo } from '../../plan/plan.ts'
import { symbolic } from '../../plan/symbols.ts'
import { Complaint } from '../complaint.ts'

/** Where a plan may work while `/` is still the host's. */
interface Ground {
  rootfs: string
  /** Where cgroup file systems are mounted, and the path below them that is the box's. */
  cgroups: string[]
  share: string
}

// #region guard
/** @throws Complaint naming the first step that is none, or that is not meant for a box. */
export function guard(plan: Plan, { root, linux }: Spec, { cgroups }: Machine): void {
  const mounts = [...Object.values(cgroups.v1), ...(cgroups.v2 ? [cgroups.v2.mount] : [])]
  const ground = { rootfs: root.path, cgroups: mounts, share: linux.cgroupsPath }
  let rooted = false
  for (const step of plan) {
    const fact = malformed(step) ?? misplaced(step) ?? notACopy(step) ?? (rooted ? undefined : astray(step, ground))
    if (fact !== undefined) throw refuse(step, fact)
    if (step.undo && !isSafeUndo(step.undo, ground)) throw refuse(step, `its undo, ${symbolic(step.undo)}, is not`)
    rooted ||= step.lane === 'box' && ['chroot', 'pivot_root'].includes(step.call)
  }
}
// #endregion guard

const refuse = (step: Step, fact: string): Complaint =>
  new Complaint(`Cannot play ${step.call in TAKES ? symbolic(step) : step.call}: ${fact}`)

function malformed({ call, args }: Step): string | undefined {
  if (['remove_cgroup', 'dissolve_cgroup', 'unlink_empty'].includes(call)) return 'it is an undo, and no step'
  if (!(call in TAKES)) return `there is no call of that name\n  There are: ${Object.keys(TAKES).join(', ')}`
  if (!Array.isArray(args) || args.includes(undefined as never)) return 'one of its arguments is undefined'
  const wanted = TAKES[call].length
  return args.length === wanted ? undefined : `it takes ${wanted} arguments and was given ${args.length}`
}

/** From lesson 6 on the host opens things for the box, and hands them over. */
const OPENS: readonly string[] = [
  'clone_into_cgroup',
  'open_tree',
  'mount_setattr',
  'bpf_prog_load',
  'bpf_prog_attach',
  'ask',
]

/** The host lane runs in Boxwright itself, which has to put everything in order afterwards. */
function misplaced({ lane, call }: Step): string | undefined {
  const forHost = ['unshare', 'mkdir', 'rmdir', 'write', 'mount', 'umount2', 'sethostname']
  if (lane === 'box' || forHost.includes(call) || OPENS.includes(call)) return undefined
  return `in the host lane it would be Boxwright itself that changes\n  Put it into the box lane: box('${call}', …)`
}

/** What is opened is a copy of a mount, to be changed and handed over: without that flag it is the host's own. */
const notACopy = ({ lane, call, args }: Step): string | undefined =>
  lane === 'host' && call === 'open_tree' && (args[2] & OPEN_TREE_CLONE) === 0
    ? 'that is a mount of your machine itself\n  Ask for a copy of it: OPEN_TREE_CLONE'
    : undefined

/** Before the box has a root of its own, a path means what it means on the host. */
function astray({ lane, call, args }: Step, { rootfs, cgroups, share }: Ground): string | undefined {
  const path = String(args[call === 'symlink' ? 1 : 0])
  if (call === 'write') return strayWrite(lane, path, cgroups, share)
  if (call === 'clone_into_cgroup') return strayWrite('box', `${path}/cgroup.procs`, cgroups, share)
  if (!['mkdir', 'rmdir', 'mknod', 'symlink'].includes(call)) return undefined
  if ([rootfs, ...cgroups].some((place) => path.startsWith(`${place}/`))) return undefined
  return `the box has no root of its own at that step, so this is "${path}" of your machine\n  Change the root first`
}

/** Who is who in the box's own user namespace. */
const IDS = /^\/proc\/\{box\}\/(uid_map|gid_map|setgroups)$/

function strayWrite(lane: string, path: string, cgroups: readonly string[], share: string): string | undefined {
  if (lane === 'host' && IDS.test(path)) return undefined
  const [inShare, file = ''] = [path.includes(`${share}/`), path.split('/').at(-1)]
  if (!cgroups.some((mount) => path.startsWith(`${mount}/`)))
    return 'that file is your machine’s, and no cgroup’s: a wall writes limits and numbers of processes'
  if (lane === 'host' && inShare && file === 'cgroup.procs')
    return 'the host lane runs in Boxwright itself, which would walk into the box’s cgroup\n  Let the box walk in: put it into the box lane'
  if (inShare || ['cgroup.procs', 'cgroup.subtree_control'].includes(file)) return undefined
  return `that limit is for everything on your machine\n  The box’s own cgroup is the directory …${share}`
}

/** remove_cgroup ends whatever lives there: of a whole hierarchy it would end the machine. */
function isSafeUndo({ call, args }: Undo, { rootfs, cgroups, share }: Ground): boolean {
  const [path] = args
  const below = (places: readonly string[]): boolean => places.some((place) => path.startsWith(`${place}/`))
  if (path.split('/').includes('..')) return false
  if (call === 'ask') return true
  if (call === 'unlink_empty') return args[1] === rootfs
  if (call === 'remove_cgroup') return below(cgroups) && `${path}/`.includes(`${share}/`)
  return ['rmdir', 'write', 'dissolve_cgroup'].includes(call) && below([rootfs, ...cgroups])
}
