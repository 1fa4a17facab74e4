/** Works on a store until it is killed: `content-worker DIRECTORY NAME SEED`. Each line that it has written was true. */
import { writeSync } from 'node:fs'
import { openStore } from '../../src/content/store.ts'
import { drawnFrom } from '../pure/random.ts'
import { act, type Actor } from './content-acts.ts'

const [directory, name = '', seed] = process.argv.slice(2)
const actor: Actor = {
  store: openStore(directory),
  random: drawnFrom(Number(seed)),
  name,
  say: (line) => void writeSync(1, `${line}\n`),
}
actor.say('ready')
for (;;) await act(actor)
