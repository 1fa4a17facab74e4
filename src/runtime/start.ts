/**
 * `start`: the container's process becomes its command. It waits at a fifo for one byte, and says at another one what has kept it; so this fails where
 * the command cannot be started, and not only later. runtime-spec runtime.md §start.
 */
import * as fs from 'node:fs'
import { errnoName } from '../kernel/error.ts'
import { addon } from '../launch/addon.ts'
import { answered } from './answered.ts'
import { claim } from './claim.ts'
import { load, readIfThere, type Container } from './container.ts'
import { runHooks } from './hooks.ts'
import { Failure } from './launch.ts'
import { listenFor } from './notify.ts'
import type { Settings } from './settings.ts'
import { refuseUnbegun } from './silenced.ts'

// #region start
/** @throws Failure naming the step that was refused: the container has ended then. */
export function start(settings: Settings, id: string): void {
  const container = load(settings, id)
  using claimed = claim(`${container.path('exec.fifo')}.start`)
  const { status } = container
  if (!claimed || status !== 'created') throw notCreated(id, claimed ? status : 'being started')
  const listener = listenFor(container)
  listener?.of(container.state.pid)
  const answer = letGo(container)
  if (answer.length > 0) throw failureIn(container, answer)
  refuseUnbegun(container)
  runHooks(container, 'poststart')
  listener?.wait()
}

/** @returns what it says: nothing, when it has become its command, which closes the fifo, or could not speak. */
function letGo(container: Container): Buffer {
  const { O_RDONLY, O_WRONLY, O_NONBLOCK } = fs.constants
  const answers = fs.openSync(container.path('answer.fifo'), O_RDONLY | O_NONBLOCK)
  const word = fs.openSync(container.path('exec.fifo'), O_WRONLY | O_NONBLOCK)
  fs.writeSync(word, '\0')
  fs.closeSync(word)
  return answerFrom(answers)
}
// #endregion start

/** It takes a fraction of a millisecond, or as long as a hook does. */
function answerFrom(fifo: number): Buffer {
  const answer = Buffer.alloc(RESULT_BYTES)
  while (!addon().readable(fifo, FOR_EVER));
  const length = fs.readSync(fifo, answer)
  fs.closeSync(fifo)
  return answer.subarray(0, length)
}

/** poll(2). */
const FOR_EVER = -1

/** `struct result` of native/report.c. */
const RESULT_BYTES = 16

function failureIn(container: Container, answer: Buffer): Failure {
  const { id, ahead, threshold } = container.state
  const [step, errno] = [answer.readUInt32LE(0), answer.readInt32LE(4)]
  const code = errnoName(errno)
  const refused = ahead[step - threshold] ?? `step ${step + 1}`
  const command = /^execvpe\(([^,]*)/.exec(refused)?.[1]
  const words = readIfThere(container.path('words'))?.trim()
  return new Failure(
    `Cannot start container "${id}": ${refused}: ${answered(code, command)}${words ? `\n  ${words}` : ''}`,
    undefined,
    code,
  )
}

function notCreated(id: string, status: string): Error {
  const fact =
    status === 'stopped'
      ? 'cannot start a container that has stopped'
      : status === 'running'
        ? 'cannot start an already running container'
        : `cannot start a container in the ${status} state`
  return new Error(
    `Cannot start container "${id}": ${fact}\n  Only one that has been created, and not started yet, can be: boxwright-runc state ${id}`,
  )
}
