/** What has to be known of an image's files before a box is made of it is read by a process that has them, and is told as JSON. */
import { execFile } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { loaders } from '../kernel/loaders.ts'
import type { RootMount } from '../oci/root-mount.ts'
import type { Accounts } from '../oci/user.ts'
import { openApart } from '../snapshot/apart.ts'

/** Beside this file as TypeScript; beside the bundle as JavaScript. */
const PROGRAM = fileURLToPath(new URL(`within${extname(import.meta.url)}`, import.meta.url))

// #region look
export async function accountsIn(mounts: readonly RootMount[]): Promise<Accounts> {
  using apart = openApart(mounts)
  const [program = '', ...words] = apart.words([process.execPath, ...loaders(), PROGRAM, apart.root])
  const { stdout } = await promisify(execFile)(program, words, { env: {}, maxBuffer: 8 << 20 })
  return JSON.parse(stdout) as Accounts
}
// #endregion look
