import type { CommandModule } from 'yargs'
import { ensureBase } from '../image/base.ts'
import { imageDirectory } from '../image/directory.ts'
import { readMachine } from '../kernel/machine.ts'
import { PEERS, requirePrograms, type Peer } from '../workshop/compare/peer.ts'
import { comparisonJson, reportComparison } from '../workshop/compare/report.ts'
import { compareWith } from '../workshop/compare/runs.ts'
import { Complaint } from '../workshop/complaint.ts'
import { sweepAndSay } from '../workshop/preliminaries.ts'
import { print } from '../workshop/print.ts'
import { wallBuildersOf, type Stage } from '../workshop/stage.ts'
import { boxNumbered } from '../workshop/stages.ts'

interface Arguments {
  runtime: string
  stage: string | undefined
  json: boolean
}

export const compareCommand = (stages: readonly Stage[]): CommandModule<object, Arguments> => ({
  command: 'compare <runtime>',
  describe: 'the calls that runc or crun makes for the same box',
  builder: (yargs) =>
    yargs
      .positional('runtime', { type: 'string', demandOption: true, describe: 'runc or crun' })
      .option('stage', { type: 'string', requiresArg: true, describe: 'a stage, by number or name; or the last' })
      .option('json', { type: 'boolean', default: false, describe: 'as JSON' }),
  handler: async ({ runtime, stage, json }) => {
    const peer = peerNamed(runtime)
    const compared = boxNumbered(stages, stage ?? wallBuildersOf(stages).at(-1)?.lesson)
    requireTrueRoot(peer)
    requirePrograms(peer)
    sweepAndSay()
    const comparison = await compareWith(peer, compared, ensureBase(imageDirectory()).path)
    print(json ? comparisonJson(comparison) : reportComparison(comparison))
  },
})

function peerNamed(name: string): Peer {
  const peer = PEERS.find((known) => known === name)
  if (peer) return peer
  throw new Complaint(
    `Cannot compare with "${name}": it is none of the runtimes that I know\n  There are: ${PEERS.join(', ')}`,
  )
}

/** In a user namespace both would do it another way, and not the same one. */
function requireTrueRoot(peer: Peer): void {
  if (process.geteuid?.() === 0 && !readMachine().users.namespaced) return
  throw new Complaint(
    `Cannot compare with ${peer} without root: it makes the box as root does\n  Run it again with sudo`,
  )
}
