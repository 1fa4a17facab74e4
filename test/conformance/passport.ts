/**
 * The passport: how much of the suite holds at each stage of the lessons. A stage makes boxes, and knows no create and no start; so a runtime of the same
 * code as ours, with that stage's walls and no others, goes through those programs of the suite that look at a container.
 */
import { build } from 'esbuild'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Passport, Visa } from '../../src/workshop/passport.ts'
import { wallBuildersOf } from '../../src/workshop/stage.ts'
import { stages } from '../pure/workshop.ts'
import { clean, sum } from './judgement.ts'
import { resultsOf, type Results } from './results.ts'
import { VERSION, type Suite } from './suite.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))

/** Those that look at a container, of whatever it has; others are about the acts of a runtime, which are the same at each stage. */
const STAMPED = [
  ...['default', 'hostname', 'linux_cgroups_pids', 'linux_cgroups_devices', 'linux_devices', 'linux_masked_paths'],
  ...['linux_ns_nopath', 'linux_readonly_paths', 'linux_seccomp', 'linux_sysctl', 'linux_uid_mappings', 'mounts'],
  ...[
    'process',
    'process_capabilities',
    'process_oom_score_adj',
    'process_rlimits',
    'process_user',
    'root_readonly_true',
  ],
]

/** @param ours what became of the runtime itself, which is the last stage. */
export async function passportOf(suite: Suite, ours: Results, say: (line: string) => void): Promise<Passport> {
  const place = fs.mkdtempSync(join(tmpdir(), 'boxwright-passport-'))
  try {
    const path = await built(place)
    const visas: Visa[] = []
    for (const { lesson, name } of wallBuildersOf(stages)) {
      const runtime = { name: `stage ${lesson}`, path, version: name, env: { BOXWRIGHT_STAGE: String(lesson) } }
      const [results] = await resultsOf(suite, STAMPED, [runtime], say)
      if (results) visas.push({ lesson, name, ...figures(results) })
    }
    const last = { name: ours.runtime.name, ...figures(stamped(ours)) }
    return { version: VERSION, programs: STAMPED.length, stages: [...visas, last] }
  } finally {
    fs.rmSync(place, { recursive: true })
  }
}

const stamped = ({ runtime, verdicts }: Results): Results => ({
  runtime,
  verdicts: new Map([...verdicts].filter(([program]) => STAMPED.includes(program))),
})

const figures = (results: Results): Pick<Visa, 'clean' | 'ok' | 'notOk'> => ({
  clean: clean(results).length,
  ok: sum(results, 'ok'),
  notOk: sum(results, 'notOk'),
})

/** One file, as the runtime is one, beside what it starts. */
async function built(place: string): Promise<string> {
  const path = join(place, 'stage-runtime.mjs')
  await build({
    absWorkingDir: repository,
    entryPoints: ['test/conformance/stage-runtime.ts'],
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['esbuild', 'ffi-napi', 'ref-napi', 'lmdb', 'playwright-core', 'shiki', 'shiki/*'],
    banner: {
      js: `#!${process.execPath}\nimport { createRequire as forBundled } from 'node:module'; const require = forBundled(import.meta.url)`,
    },
    logLevel: 'warning',
  })
  fs.chmodSync(path, 0o755)
  for (const name of ['launch', 'addon.node']) fs.symlinkSync(join(repository, 'dist', name), join(place, name))
  fs.symlinkSync(join(repository, 'node_modules'), join(place, 'node_modules'))
  return path
}
