/** `boxwright gc`: what no image needs any more is taken away. */
import type { CommandModule } from 'yargs'
import type { Collected } from '../content/gc.ts'
import { collectGarbage } from '../image/collect.ts'
import { openStores } from '../image/stores.ts'
import { prepare } from '../workshop/preliminaries.ts'
import { print } from '../workshop/print.ts'

interface Arguments {
  'dry-run': boolean
  'idle-hours': number
  json: boolean
}

export const gcCommand: CommandModule<object, Arguments> = {
  command: ['gc', 'prune'],
  describe: 'take away what no image needs any more',
  builder: (yargs) =>
    yargs
      .option('dry-run', { type: 'boolean', default: false, describe: 'say what would go' })
      .option('idle-hours', { type: 'number', default: 24, describe: 'give up half downloads after so long' })
      .option('json', { type: 'boolean', default: false, describe: 'as JSON' }),
  handler: async ({ 'dry-run': dryRun, 'idle-hours': idleHours, json }) => {
    await prepare(json)
    using stores = await openStores()
    const collected = collectGarbage(stores, { dryRun, idleHours })
    print(json ? JSON.stringify(collected, null, 2) : told(collected, dryRun))
  },
}

function told({ blobs, bytes, snapshots, parts }: Collected, dryRun: boolean): string {
  const things = [
    [blobs.length, 'blobs'],
    [snapshots.length, 'snapshots'],
    [parts.length, 'half downloads'],
  ].filter(([count]) => count !== 0)
  if (things.length === 0) return 'Everything is needed'
  const what = things.map((pair) => pair.join(' ')).join(', ')
  return `${dryRun ? 'Would take away' : 'Taken away'}: ${what}; ${(bytes / 1e6).toFixed(1)} MB`
}
