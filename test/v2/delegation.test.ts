/**
 * A launcher that does not sit at the root of the v2 tree but in a cgroup that was given to it, as in a container or a user's session. A cgroup
 * with processes in it can hand nothing down (cgroups(7): "no internal processes"), so they are set aside, and put back.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { BOXWRIGHT, World, type Running } from '../kernel/world.ts'
import { members, read, ROOT, skipElsewhere, tree } from './tree.ts'

const skip = { skip: skipElsewhere }
const TENANT = join(ROOT, `tenant-${process.pid}`)
const LEAF = join(TENANT, 'boxwright-supervisors')

const run = (...words: string[]): string[] => ['stage', '4', 'run', '--memory', '64m', ...words]
const directoryOf = ({ id }: Running): string => join(TENANT, `boxwright-${id}`)

/** Starts in the tenant's cgroup, or where its processes have been set aside, and sees nothing above it. */
const ENTER = `{ echo 0 >${LEAF}/cgroup.procs || echo 0 >${TENANT}/cgroup.procs; } 2>/dev/null &&
exec unshare --cgroup --mount sh -c 'umount -l ${ROOT} && mount -t cgroup2 cgroup2 ${ROOT} && exec "$@"' sh "$@"`
const program = ['sh', '-c', ENTER, 'sh', process.execPath, BOXWRIGHT]

/** A cgroup with controllers to hand down, and a process that has nothing to do with boxes. */
function newTenant(): Disposable & { bystander: number } {
  fs.writeFileSync(join(ROOT, 'cgroup.subtree_control'), '+memory +pids')
  fs.mkdirSync(TENANT)
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' })
  fs.writeFileSync(join(TENANT, 'cgroup.procs'), String(child.pid))
  return {
    bystander: child.pid ?? 0,
    [Symbol.dispose]: () => {
      child.kill('SIGKILL')
      remove(TENANT)
    },
  }
}
