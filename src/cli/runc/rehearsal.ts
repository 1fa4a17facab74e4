/**
 * Everything that an act does before the kernel is asked for anything, once, on a bundle that is thrown away: what is loaded and compiled by then is
 * in the snapshot that each start goes on from (entry.ts). What is read of the machine on the way is forgotten again.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultSpec } from '../../oci/defaults.ts'
import { writeJson } from '../../oci/json.ts'
import { encode } from '../../plan/encode.ts'
import { list } from '../../runtime/list.ts'
import { prepare } from '../../runtime/make.ts'
import { COMMANDS } from './commands.ts'
import { GLOBALS, settingsOf } from './globals.ts'
import { readOptions } from './options.ts'
import { told } from './state.ts'

export async function rehearse(): Promise<void> {
  for (const { load } of Object.values(COMMANDS)) {
    const { options, extent = 'anywhere' } = await load()
    readOptions({ ...GLOBALS, ...options }, ['--root', '/r', '--debug', 'web'], extent, 'rehearsal')
  }
  const root = mkdtempSync('/tmp/boxwright-rehearsal-')
  try {
    for (const waits of [true, false]) prepareIn(root, waits)
  } finally {
    rmSync(root, { recursive: true })
  }
}

function prepareIn(root: string, waits: boolean): void {
  const id = waits ? 'create' : 'run'
  const bundle = join(root, `${id}-bundle`)
  mkdirSync(join(bundle, 'rootfs'), { recursive: true })
  const spec = defaultSpec({ id, rootfs: 'rootfs', args: ['sh'], namespaces: ['network'] })
  writeFileSync(join(bundle, 'config.json'), writeJson(spec))
  const settings = settingsOf({ root })
  encode(prepare(settings, { id, bundle }, waits).plan)
  list(settings).map(told)
}
