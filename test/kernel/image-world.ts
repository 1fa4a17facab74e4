/** A place for images of a test's own, the command that is run there, and archives to be loaded. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { pack } from 'tar-stream'
import type { Execution } from '../../src/oci/image-config.ts'

/** The installed one: what Bun has compiled, where it has, or Node. Another is chosen by its file: src/cli/boxwright.mjs is Node always. */
export const COMMAND = resolve(process.env['BOXWRIGHT_COMMAND'] ?? join(import.meta.dirname, '../../dist/boxwright'))

export interface Ran {
  status: number | null
  stdout: string
  stderr: string
}

/** A file's text; a directory, without one; a link, behind an arrow. */
export type Files = Record<string, string | Buffer | undefined>

export class ImageWorld implements Disposable {
  readonly directory = fs.mkdtempSync(join(tmpdir(), 'boxwright-images-'))
  readonly env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: this.directory,
    TMPDIR: this.directory,
    BOXWRIGHT_DATA: join(this.directory, 'data'),
    BOXWRIGHT_RUN: join(this.directory, 'run'),
  }

  run(...words: string[]): Promise<Ran> {
    return this.program(COMMAND, words)
  }

  async program(program: string, words: readonly string[]): Promise<Ran> {
    const child = spawn(program, words, { env: this.env, cwd: this.directory, stdio: ['ignore', 'pipe', 'pipe'] })
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), ended])
    return { status, stdout, stderr }
  }

  /** As `docker save` writes it. @returns the archive's path. */
  async archive(name: string, config: Execution, ...layers: Files[]): Promise<string> {
    const tars = await Promise.all(layers.map(tarOf))
    const diffIds = tars.map((bytes) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`)
    const image = { architecture: 'amd64', os: 'linux', config, rootfs: { type: 'layers', diff_ids: diffIds } }
    const paths = tars.map((_, n) => `${n}/layer.tar`)
    const tar = pack()
    tars.forEach((bytes, n) => tar.entry({ name: paths[n] ?? '' }, bytes))
    tar.entry({ name: 'config.json' }, JSON.stringify(image))
    tar.entry({ name: 'manifest.json' }, JSON.stringify([{ Config: 'config.json', RepoTags: [name], Layers: paths }]))
    tar.finalize()
    const path = join(this.directory, `${name.replaceAll(/\W/g, '-')}.tar`)
    fs.writeFileSync(path, await buffer(tar))
    return path
  }

  [Symbol.dispose](): void {
    fs.rmSync(this.directory, { recursive: true, force: true })
  }
}

function tarOf(files: Files): Promise<Buffer> {
  const tar = pack()
  for (const [name, content] of Object.entries(files)) {
    if (content === undefined) tar.entry({ name, type: 'directory', mode: 0o755 })
    else if (typeof content === 'string' && content.startsWith('→'))
      tar.entry({ name, type: 'symlink', linkname: content.slice(1) })
    else tar.entry({ name, mode: 0o755 }, content)
  }
  tar.finalize()
  return buffer(tar)
}

/** One static program that is every tool. */
export const BUSYBOX = ['/bin/busybox', '/usr/bin/busybox'].find((path) => fs.existsSync(path))

/** For a test's options: a container has to have a program, and one of the host's has libraries. */
export const skipWithoutTools =
  process.geteuid?.() !== 0 ? 'only root' : BUSYBOX === undefined ? 'there is no static busybox' : false

export const tools = (): Files => ({ bin: undefined, 'bin/sh': fs.readFileSync(BUSYBOX ?? '') })
