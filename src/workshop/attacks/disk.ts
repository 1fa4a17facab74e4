/** A disk of ours: a loop device, to read only, with a secret on it. It goes when we do: loop(4). */
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, statSync, writeFileSync } from 'node:fs'
import { Token, secret } from './token.ts'
import { Unseen } from './verdict.ts'

export class Disk implements Disposable {
  readonly secret = secret()
  /** By these the kernel knows it; a name is anybody's to give. */
  readonly major: number
  readonly minor: number
  readonly #held: number

  constructor() {
    using token = new Token()
    writeFileSync(token.path, this.secret.padEnd(4096, '\0'))
    const path = attach(token.path)
    this.#held = openSync(path, 'r')
    // Told to let go while somebody has it open, the kernel waits for them: for us, however we end.
    spawnSync('losetup', ['--detach', path])
    const { rdev } = statSync(path)
    this.major = rdev >> 8
    this.minor = rdev & 0xff
  }

  [Symbol.dispose](): void {
    closeSync(this.#held)
  }
}

function attach(file: string): string {
  const { stdout, error, status } = spawnSync(
    'losetup',
    ['--find', '--show', '--read-only', file],
    { encoding: 'utf8' },
  )
  if (status === 0) return stdout.trim()
  throw new Unseen(
    error
      ? 'there is no losetup (Debian: mount)'
      : 'the kernel gives no loop device to play a disk with',
  )
}
