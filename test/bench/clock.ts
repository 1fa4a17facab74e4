/** How long a program takes from its start to its end. Started by the addon, so that what Node would add to it is not measured along with it. */
import { closeSync, openSync } from 'node:fs'
import { addon } from '../../src/launch/addon.ts'

export interface Program {
  file: string
  /** The first is its name. */
  args: string[]
  /** Files that it reads from descriptor 3 on. */
  files?: string[]
}

/** @returns milliseconds. @throws Error when it did not do what is being measured. */
export function clocked({ file, args, files = [] }: Program): number {
  const quiet = openSync('/dev/null', 'r+')
  const opened = [file, ...files].map((path) => openSync(path, 'r'))
  const [program = -1, ...rest] = opened
  const start = process.hrtime.bigint()
  const { pid, socket } = addon().start({
    file: program,
    args,
    env: [],
    descriptors: [quiet, quiet, 2, ...rest],
    session: false,
  })
  const status = addon().wait(pid)
  const elapsed = Number(process.hrtime.bigint() - start) / 1e6
  for (const fd of [quiet, socket, ...opened]) closeSync(fd)
  if (status !== 0) throw new Error(`Cannot measure "${args.join(' ')}": it ended with ${status}`)
  return elapsed
}
