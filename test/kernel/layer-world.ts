/** Where layers are unpacked: a directory that is gone afterwards, beside a secret that must stay as it is. */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { inode, xattrNames } from '../../src/layer/inode.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { applyLayer, type Applied, type ApplyOptions } from '../../src/layer/apply.ts'

export const skipWithoutRoot: string | false = process.geteuid?.() !== 0 && 'only root may chroot(2)'

export const TAR = 'application/vnd.oci.image.layer.v1.tar'

export interface Ground extends Disposable {
  directory: string
  /** What is unpacked into. */
  root: string
  apply(blob: Buffer, options?: ApplyOptions): Promise<Applied>
  /** @returns what stands beside the root: nothing of it may change. */
  outside(): string
}

export function openGround(): Ground {
  const directory = fs.mkdtempSync(join(tmpdir(), 'boxwright-layer-'))
  const root = join(directory, 'root')
  fs.mkdirSync(root)
  fs.writeFileSync(join(directory, 'secret'), 'secret\n')
  return {
    directory,
    root,
    apply: (blob, options) => applyLayer(Readable.from([blob]), TAR, root, options),
    outside: () => fs.readdirSync(directory).join(' ') + fs.readFileSync(join(directory, 'secret'), 'utf8'),
    [Symbol.dispose]: () => fs.rmSync(directory, { recursive: true }),
  }
}

// #region picture
/** All that is to be said of a tree, a line for each file; for a further name of a file, which the first is. */
export function pictureOf(root: string): Record<string, string> {
  const lines: Record<string, string> = {}
  const first = new Map<string, string>()
  const walk = (name: string): void => {
    const path = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name, 'latin1')])
    const stats = fs.lstatSync(path, { bigint: true })
    const file = stats.isDirectory() ? name : `${stats.dev}:${stats.ino}`
    const link = first.get(file)
    first.set(file, link ?? name)
    const whose = `${stats.mode.toString(8)} ${stats.uid}:${stats.gid} ${stats.mtimeNs}`
    const parts = [whose, contentOf(path, stats), xattrsOf(path), link === undefined ? '' : `=${link}`]
    lines[name] = parts.filter((part) => part !== '').join(' ')
    if (stats.isDirectory())
      for (const child of fs.readdirSync(path, 'latin1').sort()) walk(name === '' ? child : `${name}/${child}`)
  }
  walk('')
  return lines
}
// #endregion picture

function contentOf(path: Buffer, stats: fs.BigIntStats): string {
  if (stats.isSymbolicLink()) return `-> ${fs.readlinkSync(path, 'latin1')}`
  if (stats.isFile()) return stats.size < 100n ? fs.readFileSync(path, 'latin1') : digestOf(fs.readFileSync(path))
  return stats.isDirectory() || stats.isFIFO() ? '' : `device ${stats.rdev >> 8n}:${stats.rdev & 0xffn}`
}

const xattrsOf = (path: Buffer): string =>
  xattrNames(path)
    .sort()
    .map((name) => `${name}=${inode().lgetxattr(path, Buffer.from(name, 'latin1')).toString('latin1')}`)
    .join(' ')
