/** Bundles for a runtime that is judged: what `spec` writes, a command that waits at a gate, and hooks that say where they were and what they were told. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultConfig } from '../../oci/default-config.ts'
import { writeJson } from '../../oci/json.ts'
import { token, type Arena } from './arena.ts'

export interface LifeBundle {
  id: string
  directory: string
  rootfs: string
  /** Where each hook writes, as we see it. */
  hooks: Record<HookName, string>
}

/** In the order of a life. */
const HOOKS = ['createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'] as const
export type HookName = (typeof HOOKS)[number]

// #region bundle
export function newBundle(arena: Arena, id: string, args: (rootfs: string) => string[]): LifeBundle {
  const rootfs = arena.newRootfs()
  const directory = join(arena.directory, `bundle-${token()}`)
  const place = (name: HookName): string => join(name === 'startContainer' ? rootfs : directory, `${name}-${token()}`)
  const hooks = Object.fromEntries(HOOKS.map((name) => [name, place(name)])) as LifeBundle['hooks']
  mkdirSync(directory)
  const { process, ...config } = defaultConfig() as { process: object }
  const asked = {
    ...config,
    root: { path: rootfs },
    process: { ...process, terminal: false, args: args(rootfs) },
    hooks: Object.fromEntries(HOOKS.map((name) => [name, [hookFor(name, hooks[name], rootfs)]])),
  }
  writeFileSync(join(directory, 'config.json'), writeJson(asked))
  return { id, directory, rootfs, hooks }
}
// #endregion bundle

/** In the box's own root there may be no more than a shell. */
const hookFor = (name: HookName, file: string, rootfs: string) => ({
  path: '/bin/sh',
  args: ['sh', '-c', name === 'startContainer' ? INSIDE : OUTSIDE, 'sh', file.replace(rootfs, '')],
  env: ['PATH=/usr/bin:/bin'],
  timeout: 30,
})

const OUTSIDE = '{ readlink /proc/self/ns/mnt; cat; } > "$1"'
const INSIDE = 'read state; { echo; echo "$state"; } > "$1"'
