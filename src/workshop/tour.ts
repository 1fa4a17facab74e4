/** `npm start`: eight stages of a container, built in front of you. What the box sees, what the host sees, what still gets out; an image; then a receipt. */
import { differences, inventory } from '../kernel/inventory.ts'
import { BOX_MARK } from '../oci/defaults.ts'
import { attackNamed } from './attacks/all.ts'
import { verdictOf, type Attack } from './attacks/attack.ts'
import type { Verdict } from './attacks/verdict.ts'
import { offered } from './offered.ts'
import { runStage } from './run-stage.ts'
import { print } from './print.ts'
import { colour } from './say.ts'
import type { Stage } from './stage.ts'
import { visitRegistry } from './tour-image.ts'
import { stops, type Fact, type Stop } from './tour-stops.ts'

const WIDTH = 80

// #region tour
export async function tour(stages: readonly Stage[], rootfs: string): Promise<number> {
  const before = inventory(BOX_MARK)
  print(
    'A container is a process, and the list of system calls that were made before it\nstarted. Here are eight such lists, each longer than the last.',
  )
  for (const [n, stop] of stops.entries()) {
    const [stage, next] = [stages[n], stages[n + 1]]
    if (stage) await visit(stage, next, stop, rootfs)
  }
  print(`\n${heading('9 to 11 · images, a registry, snapshots: what is in the box')}\n\n${FILES}`)
  await visitRegistry()
  return farewell(differences(before, inventory(BOX_MARK)))
}

async function visit(stage: Stage, next: Stage | undefined, stop: Stop, rootfs: string): Promise<void> {
  print(
    `\n${heading(`${stage.lesson} · ${stage.name}: ${stage.idea}`)}\n\n${colour('bold', `$ boxwright stage ${stage.lesson} run ${stop.flags ? `${stop.flags} ` : ''}sh -c '…'`)}`,
  )
  const facts = await seenFromOutside(stage, stop, rootfs)
  print(`\n${table(facts)}\n`)
  if (stop.attack !== undefined && next) await attackOn(attackNamed(stop.attack), stage, next)
}
// #endregion tour

const FILES =
  'The files in there came from this machine. Here they get a name, the digest of\ntheir bytes, and go to a registry; a box that has none of them fetches them.'

/** The box prints for itself; the host reads what the kernel says of it meanwhile. */
async function seenFromOutside(stage: Stage, { script, resources = {}, facts }: Stop, rootfs: string): Promise<Fact[]> {
  let read: Fact[] = []
  const started = (pid: number): void => {
    read = facts.map((fact) => fact(pid))
  }
  await runStage(stage, { rootfs, resources: offered(resources), started, args: ['sh', '-c', `${script}; sleep 0.2`] })
  return read
}

async function attackOn(attack: Attack, stage: Stage, next: Stage): Promise<void> {
  print(`${colour('bold', `$ boxwright attack ${attack.name}`)}\n  ${attack.story}`)
  for (const one of [stage, next]) print(`  stage ${one.lesson}: ${verdict(await verdictOf(attack, one))}`)
}

const verdict = (verdict: Verdict): string => colour(verdict === 'open' ? 'red' : 'green', verdict)

function farewell(left: readonly string[]): number {
  print(`\n${'─'.repeat(WIDTH)}\n`)
  if (left.length > 0) print(`The host has changed:\n  ${left.join('\n  ')}`)
  else print(`${colour('green', 'host unchanged')}: mounts, cgroups, network interfaces and processes are as before`)
  print(`
Next, look at the list itself, then at one wall taken away:
  npx boxwright stage 3 run --explain sh
  npx boxwright stage 1 run --without 2 pwd
then a container of an image:
  npx boxwright run --rm -it boxwright/base sh
and read lessons/01-chroot/lesson.md`)
  return left.length > 0 ? 1 : 0
}

const heading = (title: string): string =>
  colour('cyan', `── ${title} ${'─'.repeat(Math.max(0, WIDTH - title.length - 4))}`)

/** The middle column is what your own `ls -l /proc/PID/ns` would say: no word of it comes from the box. */
function table(facts: readonly Fact[]): string {
  const rows: Fact[] = [['read from the host', 'the box', 'you'], ...facts]
  return rows
    .map(([what, box, you]) => `  ${what.padEnd(20)}${shorten(box, 34).padEnd(36)}${shorten(you, 20)}`)
    .join('\n')
}

const shorten = (text: string, width: number): string => (text.length > width ? `…${text.slice(1 - width)}` : text)
