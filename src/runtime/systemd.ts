/** What is behind `ask('systemd', …)` in a plan: systemd starts a transient unit, with the box's process in it. org.freedesktop.systemd1(5). */
import { existsSync, lchownSync, mkdirSync, writeFileSync } from 'node:fs'
import type { SystemdWish } from '../box/container/systemd-cgroup.ts'
import { hasCode } from '../kernel/error-code.ts'
import { answerTo } from '../launch/ask.ts'
import type { Unit } from '../kernel/cgroups.ts'
import { checkResources } from '../oci/config.ts'
import { readJson } from '../oci/json.ts'
import type { Resources } from '../oci/resources.ts'
import { BOX, type Draft } from '../plan/plan.ts'
import { Bus, BusError, type Call } from './dbus.ts'
import type { Message, Value } from './dbus-wire.ts'
import { annotatedProperties, limitProperties, type Property } from './systemd-properties.ts'

const MANAGER = {
  destination: 'org.freedesktop.systemd1',
  path: '/org/freedesktop/systemd1',
  interface: 'org.freedesktop.systemd1.Manager',
}

const PATIENCE_MS = 30_000

/** Root's, or one's own. */
const busAddress = (): string =>
  process.geteuid?.() === 0
    ? (process.env['DBUS_SYSTEM_BUS_ADDRESS'] ?? 'unix:path=/run/dbus/system_bus_socket')
    : (process.env['DBUS_SESSION_BUS_ADDRESS'] ?? `unix:path=${process.env['XDG_RUNTIME_DIR'] ?? ''}/bus`)

/** sd_booted(3). @throws Error where another program is process 1. */
export function refuseWithoutSystemd(): void {
  if (existsSync('/run/systemd/system')) return
  throw new Error(
    'Cannot ask systemd for a cgroup: systemd not running on this host, cannot use systemd cgroups manager (there is no /run/systemd/system)\n  Leave --systemd-cgroup out: the runtime then makes the cgroup itself',
  )
}

// #region start
/** @throws Error with what systemd says. */
export async function startUnit(wish: SystemdWish, address = busAddress()): Promise<void> {
  using bus = await Bus.open(address)
  const properties = propertiesOf(wish, await versionOf(bus))
  const ended = await jobsOf(bus)
  const begin = (): Promise<Value[]> =>
    bus.call({
      ...MANAGER,
      member: 'StartTransientUnit',
      signature: 'ssa(sv)a(sa(sv))',
      body: [wish.unit.name, 'replace', properties, []],
    })
  const [job] = await begin().catch(async (error: unknown) => {
    if (!(error instanceof BusError) || !error.error.endsWith('.UnitExists')) throw cannotStart(wish.unit, error)
    await bus.call(reset(wish.unit)).catch(() => {}) // one that has failed before is still known
    return await begin().catch((again: unknown) => {
      throw cannotStart(wish.unit, again)
    })
  })
  const result = await ended(job as string)
  if (result === 'done') return
  await bus.call(reset(wish.unit)).catch(() => {}) // the reason is the one that counts
  throw cannotStart(wish.unit, new Error(`its job ended as "${result}"`))
}
// #endregion start

const reset = ({ name }: Unit): Call => ({ ...MANAGER, member: 'ResetFailedUnit', signature: 's', body: [name] })

const cannotStart = ({ name }: Unit, cause: unknown): Error =>
  new Error(
    `Cannot start unit "${name}": ${(cause as Error).message}\n  See what systemd says: systemctl status ${name}`,
    { cause },
  )

// #region properties
function propertiesOf({ unit, pid, isV2, resources, annotations }: SystemdWish, version: number): Value[] {
  const isScope = unit.name.endsWith('.scope')
  const plain: [string, string, Value][] = [
    ['Description', 's', `boxwright container ${unit.name}`],
    isScope ? ['Slice', 's', unit.slice] : ['Wants', 'as', [unit.slice]],
    ...(isScope
      ? ([
          ['Delegate', 'b', true],
          ['PIDs', 'au', [Number(pid)]],
        ] as [string, string, Value][])
      : []),
    ...['Memory', 'CPU', isV2 ? 'IO' : 'BlockIO', 'Tasks'].map((name): [string, string, Value] => [
      `${name}Accounting`,
      'b',
      true,
    ]),
    ['DefaultDependencies', 'b', false],
  ]
  const first = plain.map(([name, signature, value]): Property => [name, { signature, value }])
  return [...first, ...annotatedProperties(annotations), ...limitProperties(resources, version, isV2)]
}
// #endregion properties

/** `252.39-1~deb12u1` */
async function versionOf(bus: Bus): Promise<number> {
  const body = ['org.freedesktop.systemd1.Manager', 'Version']
  const [version] = await bus.call({
    ...MANAGER,
    interface: 'org.freedesktop.DBus.Properties',
    member: 'Get',
    signature: 'ss',
    body,
  })
  return Number(/\d+/.exec((version as { value: string }).value)?.[0] ?? 0)
}

/** Listens before the job begins, since it may have ended before its name is known. */
async function jobsOf(bus: Bus): Promise<(job: string) => Promise<string>> {
  const results = new Map<string, string>()
  let wake = (): void => {}
  const listener = ({ member, body }: Message): void => {
    if (member !== 'JobRemoved') return
    results.set(body[1] as string, body[3] as string)
    wake()
  }
  await bus.listen(`type='signal',interface='${MANAGER.interface}',member='JobRemoved'`, listener)
  return async (job) => {
    const deadline = setTimeout(() => {
      results.set(job, 'timeout')
      wake()
    }, PATIENCE_MS)
    while (!results.has(job)) await new Promise<void>((resolve) => (wake = resolve))
    clearTimeout(deadline)
    return results.get(job) ?? ''
  }
}

/** Other properties for a unit that is there: so systemd does not put the old ones back. */
export async function setProperties(
  unit: Unit,
  resources: Resources,
  isV2: boolean,
  address = busAddress(),
): Promise<void> {
  using bus = await Bus.open(address)
  const { devices: _, ...limits } = resources
  const properties = limitProperties(limits, await versionOf(bus), isV2).filter(([name]) => !name.startsWith('Device'))
  await bus.call({ ...MANAGER, member: 'SetUnitProperties', signature: 'sba(sv)', body: [unit.name, true, properties] })
}

// #region answers
answerTo('systemd', {
  play: async (json, box) => {
    const wish = readJson(json.replaceAll(BOX, String(box))) as SystemdWish
    await startUnit({ ...wish, resources: checkResources(wish.resources) })
    for (const step of wish.then) playFile(step)
    return 0
  },
  /** A scope goes with its last process, and the cgroup with it. */
  undo: () => 0,
})
// #endregion answers

function playFile({ call, args, fine = [] }: Draft): void {
  try {
    if (call === 'mkdir') mkdirSync(args[0], args[1])
    else if (call === 'write') writeFileSync(args[0], args[1])
    else if (call === 'lchown') lchownSync(...args)
  } catch (error) {
    if (!hasCode(error, ...fine)) throw error
  }
}
