/** What `checkpoint` and `restore` have in common: where the images are, and what is handed on to CRIU as it is. */
import { resolve } from 'node:path'
import type { Imaging } from '../../runtime/criu.ts'
import { oneOf } from './globals.ts'
import type { Given, Options } from '../options/option.ts'

export const IMAGING = {
  'image-path': { value: 'DIRECTORY', about: 'where the images are (default: checkpoint)' },
  'work-path': { value: 'DIRECTORY', about: 'where CRIU’s log goes (default: to the images)' },
  'tcp-established': { about: 'with open TCP connections' },
  'ext-unix-sk': { about: 'with Unix sockets whose other end is outside' },
  'shell-job': { about: 'with the terminal of a shell outside' },
  'file-locks': { about: 'with locks of files' },
  'manage-cgroups-mode': { value: 'MODE', about: 'soft, full, strict or ignore (default: soft)' },
  'empty-ns': { value: 'NAMESPACE', list: true, about: 'make it, and leave it empty: network' },
  'auto-dedup': { about: 'of pages that are there twice, drop the older' },
  'link-remap': { about: 'with files that were deleted but are open' },
  'lazy-pages': { about: 'memory is fetched when it is touched: criu lazy-pages' },
} as const satisfies Options

/** Those that CRIU has under the same name. */
const SAME = [
  'tcp-established',
  'ext-unix-sk',
  'shell-job',
  'file-locks',
  'auto-dedup',
  'link-remap',
  'lazy-pages',
] as const

/** @throws Complaint */
export function imagingOf(given: Given<typeof IMAGING>, criu: string, words: readonly string[]): Imaging {
  const mode = oneOf('manage-cgroups-mode', given['manage-cgroups-mode'] ?? 'soft', [
    'soft',
    'full',
    'strict',
    'ignore',
  ])
  const empty = (given['empty-ns'] ?? []).map((name) => oneOf('empty-ns', name, ['network']))
  return {
    criu,
    images: resolve(given['image-path'] ?? 'checkpoint'),
    ...(given['work-path'] !== undefined && { work: resolve(given['work-path']) }),
    words: [
      ...SAME.filter((name) => given[name]).map((name) => `--${name}`),
      `--manage-cgroups=${mode}`,
      ...empty.flatMap(() => ['--empty-ns', 'net']),
      ...words,
    ],
  }
}
