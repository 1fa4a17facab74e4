/**
 * Where a path leads for a process whose `/` is another directory. The host must not simply join the two: a
 * link in an image may point to `/etc/shadow` or `../../..`, and the kernel would then follow it to the
 * host's. This is what openat2(2) does for RESOLVE_IN_ROOT, by reading only.
 */
import { lstatSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** path_resolution(7): the kernel follows so many links in one path, then gives up. */
const MAXSYMLINKS = 40

/**
 * The host's path of what `path` names below `root`: every link is followed, the last one too; absolute links
 * start again at the root; `..` stops there. The last name need not exist. Whoever can write below `root` can
 * change it after we have looked.
 *
 * @throws Error with `code` ELOOP, ENOENT or ENOTDIR where the kernel would refuse.
 */
export function resolveInRoot(root: string, path: string, cwd = '/'): string {
  const refuse = (code: string, why: string): never => {
    throw Object.assign(new Error(`Cannot resolve "${path}" in "${root}": ${why}`), { code })
  }
  if (path === '') refuse('ENOENT', 'a path has at least one character')
  const names = followed(path.startsWith('/') ? path : `${cwd}/${path}`, (place, isLast) => {
    const at = join(root, ...place)
    const kind = kindOf(at)
    if (kind === 'link') return readlinkSync(at)
    if (!isLast && kind === 'missing') refuse('ENOENT', `there is no "/${place.join('/')}"`)
    if (!isLast && kind === 'file') refuse('ENOTDIR', `"/${place.join('/')}" is not a directory`)
    return undefined
  })
  return join(root, ...(names ?? refuse('ELOOP', `there are more than ${MAXSYMLINKS} links on the way`)))
}

/**
 * The same walk through whatever has links in it.
 *
 * @param linkAt what the link at a place, names below the root, has in it; nothing where there is none.
 * @returns the names of the place where it ends; nothing when there are too many links on the way.
 */
export function followed(
  path: string,
  linkAt: (place: readonly string[], isLast: boolean) => string | undefined,
): string[] | undefined {
  const ahead = namesIn(path)
  let behind: string[] = []
  let links = 0
  for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
    const place = name === '..' ? behind.slice(0, -1) : [...behind, name]
    const target = name === '..' ? undefined : linkAt(place, ahead.length === 0)
    if (target === undefined) behind = place
    else if (++links > MAXSYMLINKS) return undefined
    else ahead.unshift(...namesIn(target))
    if (target?.startsWith('/')) behind = []
  }
  return behind
}

const namesIn = (path: string): string[] => path.split('/').filter((name) => name !== '' && name !== '.')

function kindOf(place: string): 'link' | 'directory' | 'file' | 'missing' {
  const stats = lstatSync(place, { throwIfNoEntry: false })
  if (!stats) return 'missing'
  if (stats.isSymbolicLink()) return 'link'
  return stats.isDirectory() ? 'directory' : 'file'
}
