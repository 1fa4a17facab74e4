/** One more command in a container of an image that runs. Who it is is said in the image's names. */
import { unpackImage } from '../image/unpack.ts'
import { resolveImage } from '../image/find.ts'
import type { Stores } from '../image/stores.ts'
import type { Spec } from '../oci/spec.ts'
import { homeOf, parseUser } from '../oci/user.ts'
import { load } from '../runtime/container.ts'
import { exec } from '../runtime/exec.ts'
import { withVariables } from '../runtime/handed.ts'
import { usualSettings } from '../runtime/settings.ts'
import type { Kept, Shelf } from './kept.ts'
import { requireRunning } from './stop.ts'

export interface ExecWish {
  args: readonly string[]
  terminal: boolean
  env: readonly string[]
  user?: string
  workdir?: string
  detach: boolean
}

// #region exec
/** @returns its exit status; 0 when it is left alone. @throws Failure naming the step that was refused. */
export async function execKept(stores: Stores, shelf: Shelf, kept: Kept, wish: ExecWish): Promise<number> {
  requireRunning(shelf, kept, 'exec in')
  const { args, terminal, workdir, env, detach } = wish
  const spec = load(usualSettings(), kept.id).state.config as Spec
  const { user, home } = await whoIn(stores, kept, wish)
  const { process } = withVariables(spec, [...home, ...(terminal ? ['TERM=xterm'] : []), ...env])
  const changed = { ...process, ...user, args, terminal, ...(workdir !== undefined && { cwd: workdir }) }
  return exec(usualSettings(), kept.id, { process: changed, detach })
}
// #endregion exec

/** Nothing, of somebody who is not said to be another. */
async function whoIn(stores: Stores, { target }: Kept, { user }: ExecWish): Promise<{ user: object; home: string[] }> {
  if (user === undefined) return { user: {}, home: [] }
  const { accounts } = await unpackImage(stores, resolveImage(stores.store, target))
  const who = parseUser(user, accounts)
  return { user: { user: who }, home: [`HOME=${homeOf(who.uid, accounts)}`] }
}
