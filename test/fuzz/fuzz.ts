/**
 * `npm run fuzz`: whoever reads a plan as root reads what anybody may have written. libFuzzer changes plans for as long as it is told, and watches
 * which lines of native/decode.c each change reaches; the sanitizers end it at the first byte that is none of the plan's.
 *
 *     node --import tsx test/fuzz/fuzz.ts [SECONDS] [--keep]
 *
 * It begins with the plans of all stages, plans drawn by lot, and what earlier runs have found (test/fuzz/corpus); --keep adds what this one finds.
 */
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeSeeds } from './seeds.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const NATIVE = join(HERE, '../../native')
const FLAGS = ['-std=c11', '-g', '-O1', '-fsanitize=fuzzer,address,undefined', '-fno-sanitize-recover=undefined']

/** What is fuzzed, and the files of the launcher that its program has in it already. */
const TARGETS = { plan: ['decode.c', 'number.c'], netlink: ['network.c'] }
/** Its main function is in the way. */
const NEVER = ['launch.c']

export const canFuzz = (): boolean => spawnSync('clang', ['--version']).status === 0

/** @returns what libFuzzer says. @throws Error with it when it has found something. */
export function fuzz(target: keyof typeof TARGETS, seconds: number, keep = false): string {
  const place = fs.mkdtempSync(join(tmpdir(), `boxwright-fuzz-${target}-`))
  const [program, found, seeds] = ['program', 'found', 'seeds'].map((name) => join(place, name)) as [
    string,
    string,
    string,
  ]
  const corpus = join(HERE, 'corpus', target)
  for (const directory of [found, seeds, corpus]) fs.mkdirSync(directory, { recursive: true })
  if (target === 'plan') writeSeeds(seeds)
  run('clang', [...FLAGS, '-o', program, join(HERE, `${target}.c`), ...sourcesBut(TARGETS[target])])
  const limits = [
    `-max_total_time=${seconds}`,
    '-timeout=10',
    '-rss_limit_mb=3000',
    '-max_len=8192',
    '-close_fd_mask=2',
  ]
  const words = run(program, [...limits, '-print_final_stats=1', `-artifact_prefix=${place}/`, found, corpus, seeds])
  if (keep) run(program, ['-merge=1', '-close_fd_mask=2', corpus, found, seeds])
  fs.rmSync(place, { recursive: true })
  return words
}

const sourcesBut = (own: readonly string[]): string[] =>
  fs
    .readdirSync(NATIVE)
    .filter((name) => name.endsWith('.c') && ![...own, ...NEVER].includes(name))
    .map((name) => join(NATIVE, name))
    .filter((path) => !isForNode(path))

/** What Node loads is no part of the launcher. */
const isForNode = (path: string): boolean => fs.readFileSync(path, 'utf8').includes('#include "values.h"')

/** Memory that a refused plan has taken is the process's own until it ends: here, the harness gives it back, and nobody looks for leaks. */
function run(file: string, args: readonly string[]): string {
  const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' }
  const { status, stderr, error } = spawnSync(file, args, { encoding: 'utf8', env, maxBuffer: 1 << 30 })
  if (status === 0) return stderr
  throw new Error(`Cannot fuzz: ${file} ended with ${status ?? 'a signal'}\n${error?.message ?? stderr.slice(-8000)}`)
}

function main(argv: readonly string[]): void {
  const seconds = Number(argv.find((word) => /^\d+$/.test(word)) ?? 30)
  if (!canFuzz()) {
    console.error('SKIPPED: the fuzzer: there is no clang here\n  Debian: apt-get install clang libclang-rt-14-dev')
    return
  }
  for (const target of Object.keys(TARGETS) as (keyof typeof TARGETS)[]) {
    const lines = fuzz(target, Math.ceil(seconds / 2), argv.includes('--keep'))
      .trimEnd()
      .split('\n')
    const told = lines.filter((line) => /INITED|DONE|Done|^stat::(number|peak)/.test(line))
    console.log(`${target}:\n  ${told.join('\n  ')}`)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2))
