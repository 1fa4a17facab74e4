/** One process with two views: a mount namespace belongs to the thread that has asked for it, and Node reads directories on others, too. */
import { mkdtempSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import {
  CLONE_NEWNS,
  MNT_DETACH,
  MS_PRIVATE,
  MS_REC,
} from '../../../src/kernel/constants.ts'
import { calls } from '../../../src/kernel/libc.ts'

const place = mkdtempSync('pool-')
await readdir(place) // by now the threads of the pool are there

// #region pool
calls.unshare(CLONE_NEWNS)
calls.mount('none', '/', '', MS_REC | MS_PRIVATE, '')
calls.mount('trap', place, 'tmpfs', 0, '')
writeFileSync(`${place}/here`, '')

console.log('readdirSync, on this thread:', readdirSync(place))
console.log('readdir, on one of the pool:', await readdir(place))
// #endregion pool

calls.umount2(place, MNT_DETACH)
rmdirSync(place)
