/**
 * A runtime whose walls are those of one stage: BOXWRIGHT_STAGE says which. Of runC's command line it has what the suite uses. A stage has no create and
 * no start of its own; here its walls are built by the runtime, and wait there for start before the command.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { constants } from 'node:os'
import { deviceAccess } from '../../src/box/device-access.ts'
import { EVERYBODYS } from '../../src/box/container/device-list.ts'
import type { Wall } from '../../src/plan/plan.ts'
import { users } from '../../src/box/users.ts'
import { threshold } from '../../src/box/threshold.ts'
import { create } from '../../src/runtime/create.ts'
import { deleteContainer } from '../../src/runtime/delete.ts'
import { kill } from '../../src/runtime/kill.ts'
import { start } from '../../src/runtime/start.ts'
import { state } from '../../src/runtime/state.ts'
import type { Settings } from '../../src/runtime/settings.ts'
import { stages } from '../pure/workshop.ts'

const settings: Settings = { root: '/run/boxwright-stage', systemdCgroup: false, rootless: 'false' }

/** The wall of lesson 6 takes it for granted that there is a user namespace; here the bundle has to ask for one. */
function wallsFor(bundle: string): Pick<Settings, 'change'> {
  const walls = stages.find(({ lesson }) => String(lesson) === process.env['BOXWRIGHT_STAGE'])?.walls
  if (walls === undefined) return {}
  const asked = /"type":\s*"user"/.test(readFileSync(`${bundle}/config.json`, 'utf8'))
  const known = walls
    .filter((wall) => asked || wall !== users)
    .map((wall) => (wall === deviceAccess ? everybodys : wall))
  return { change: () => known.toSpliced(-1, 0, threshold) }
}

/** A lesson's box has a list of devices that is whole; a bundle counts on those that every container may have. */
const everybodys: Wall = {
  ...deviceAccess,
  steps: (spec, machine) => {
    const { devices = [], ...resources } = spec.linux.resources
    return deviceAccess.steps(
      { ...spec, linux: { ...spec.linux, resources: { ...resources, devices: [...devices, ...EVERYBODYS] } } },
      machine,
    )
  },
}

async function main([act, ...argv]: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { bundle: { type: 'string' }, 'pid-file': { type: 'string' }, force: { type: 'boolean' } },
  })
  const [id, signal = 'TERM'] = positionals
  if (id === undefined) throw new Error(`Cannot ${act}: it is not said which container`)
  if (act === 'create') await createIn(values.bundle ?? '.', id, values['pid-file'])
  if (act === 'start') start(settings, id)
  if (act === 'state') console.log(JSON.stringify(state(settings, id)))
  if (act === 'kill') kill(settings, id, signals[`SIG${signal}`] ?? Number(signal))
  if (act === 'delete') deleteContainer(settings, id, { force: values.force === true })
}

const signals: Readonly<Record<string, number>> = constants.signals

const createIn = (bundle: string, id: string, pidFile?: string): Promise<unknown> =>
  create({ ...settings, ...wallsFor(bundle) }, { id, bundle, ...(pidFile !== undefined && { pidFile }) })

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error((error as Error).message)
  process.exit(1)
})
