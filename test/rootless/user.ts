/**
 * A user of this machine who is not root: a number that nobody has, a home, a desk. The machine's own files stay as they are: what it knows of its
 * users is bound over, in the mount namespace of the test.
 */
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MS_BIND } from '../../src/kernel/constants.ts'
import { calls } from '../../src/kernel/libc.ts'
import { BOXWRIGHT, skipWithoutRoot, World, type Opened, type Ran, type RunOptions } from '../kernel/world.ts'

export const UID = 54_321
const NAME = 'learner'

/** Numbers that the administrator has put by for them. */
export const SUBIDS = { first: 700_000, count: 65_536 }

export const skip: string | false =
  skipWithoutRoot && 'only root can become a user who is not root: run it with sudo, or try it as you are'

export const skipWithoutSubids: string | false =
  skip || (fs.existsSync('/usr/bin/newuidmap') ? false : 'there is no newuidmap here (Debian: uidmap)')

const home = fs.mkdtempSync(join(tmpdir(), 'boxwright-home-'))
export const IMAGES = join(home, 'images')
process.once('exit', () => fs.rmSync(home, { recursive: true, force: true }))
if (skip === false) settle()

/** Theirs: a home, and in it whatever they make. */
function settle(): void {
  execFileSync(process.execPath, [BOXWRIGHT, '--help']) // the user may not bundle it
  fs.chmodSync(home, 0o755)
  fs.writeFileSync(join(home, 'subids'), '')
  const passwd = `${fs.readFileSync('/etc/passwd', 'utf8')}${NAME}:x:${UID}:${UID}::${home}:/bin/sh\n`
  fs.writeFileSync(join(home, 'passwd'), passwd)
  for (const file of ['subuid', 'subgid'].filter((name) => fs.existsSync(`/etc/${name}`)))
    calls.mount(join(home, 'subids'), `/etc/${file}`, '', MS_BIND, '')
  calls.mount(join(home, 'passwd'), '/etc/passwd', '', MS_BIND, '')
  for (const name of ['images', 'work']) {
    fs.mkdirSync(join(home, name))
    fs.chownSync(join(home, name), UID, UID)
  }
}

/** Are there numbers put by for the user from here on? */
export const putBy = (some: boolean): void =>
  fs.writeFileSync(join(home, 'subids'), some ? `${NAME}:${SUBIDS.first}:${SUBIDS.count}\n` : '')

/** What is run in this world is run by the user. */
export class UserWorld extends World {
  constructor() {
    super()
    fs.chownSync(this.state, UID, UID)
  }

  override run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return super.run(args, this.#asUser(options))
  }

  override open(args: readonly string[], options: RunOptions = {}): Opened {
    return super.open(args, this.#asUser(options))
  }

  #asUser({ env, ...options }: RunOptions): RunOptions {
    const own = { HOME: home, BOXWRIGHT_IMAGES: IMAGES, BOXWRIGHT_WORK: join(home, 'work') }
    return { ...options, uid: UID, env: { ...own, ...env } }
  }
}
