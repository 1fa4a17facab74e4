/** `boxwright fsck`: reads all that is kept of images, and says what is so. The exit status is fsck(8)'s. */
import type { CommandModule } from 'yargs'
import { fsck, type Finding } from '../content/fsck.ts'
import { shelfOf } from '../image/collect.ts'
import { openStores } from '../image/stores.ts'
import { print } from '../workshop/print.ts'
import { colour } from '../workshop/say.ts'
import { prepare } from '../workshop/preliminaries.ts'

interface Arguments {
  repair: boolean
  json: boolean
}

export const fsckCommand = (finish: (status: number) => void): CommandModule<object, Arguments> => ({
  command: 'fsck',
  describe: 'read all that is kept of images, and say what is so',
  builder: (yargs) =>
    yargs
      .option('repair', { type: 'boolean', default: false, describe: 'put right what can be' })
      .option('json', { type: 'boolean', default: false, describe: 'as JSON' })
      .epilogue('Exit status, as fsck(8) has it: 0 nothing is wrong, 1 all was put right, 4 something is wrong'),
  handler: async ({ repair, json }) => {
    await prepare(json)
    using stores = await openStores()
    const look = (): Promise<Finding[]> => fsck(stores.store, stores.everywhere().map(shelfOf))
    const findings = await look()
    if (repair) for (const { repair: one } of findings) one?.run()
    print(json ? JSON.stringify(findings, null, 2) : told(findings, repair))
    const left = repair ? (await look()).filter(({ isFault }) => isFault) : findings.filter(({ isFault }) => isFault)
    finish(left.length > 0 ? 4 : findings.some(({ isFault }) => isFault) ? 1 : 0)
  },
})

function told(findings: readonly Finding[], repaired: boolean): string {
  const lines = findings.map(
    ({ kind, what, fact, isFault, repair }) =>
      `${isFault ? colour('red', 'wrong') : 'note '}  ${kind} ${what}: ${fact}${repair ? ` – ${repaired ? repair.how : 'see --repair'}` : ''}`,
  )
  const faults = findings.filter(({ isFault }) => isFault).length
  const verdict = faults === 1 ? '1 thing is wrong' : `${faults} things are wrong`
  return [...lines, faults === 0 ? 'Everything is what its name says' : verdict].join('\n')
}
