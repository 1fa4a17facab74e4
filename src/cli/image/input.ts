/** What a command in a container finds on its standard input: ours when it is asked for, and nothing otherwise. */
import { closeSync, openSync } from 'node:fs'
import { isatty } from 'node:tty'
import { Complaint } from '../../workshop/complaint.ts'

interface Asked {
  tty?: boolean | undefined
  interactive?: boolean | undefined
}

/** @throws Complaint */
export function requireTerminal({ tty, interactive }: Asked): void {
  if (!tty || !interactive || isatty(0)) return
  throw new Complaint('Cannot give it a terminal: standard input is none\n  Leave out -t, or run it in a terminal')
}

/** The lowest number that is free is the one that was closed: open(2). */
export function emptyInput(): void {
  closeSync(0)
  openSync('/dev/null', 'r')
}
