/**
 * The command that is run in the box: a shell that waits at gates. It reads from them, and so makes nothing anywhere if the program should run it on the host by
 * mistake. Where it is looked for first is the box's root, then the arena.
 */
import type { Asked } from './asked.ts'

/** `read` is a builtin, and so is `[`: neither needs a tool or a device in the box. */
const gate = (name: string, arena: string): string =>
  `gate() { for g in /${name}.$1 ${arena}/${name}.$1; do if [ -p "$g" ]; then read go < "$g"; return 0; fi; done; return 0; }`

const MIB = 1_048_576

/** Told to go on, a process of its own takes a mebibyte at a time and keeps it. Killed, the shell goes to the gate in its place. */
const hog = (bytes: bigint): string =>
  [
    `if [ "$go" = on ]; then ( x=0123456789abcdef; while [ \${#x} -lt ${MIB} ]; do x=$x$x; done`,
    `i=0; while [ $i -lt ${bytes / BigInt(MIB)} ]; do eval "v$i=\\$x"; i=$((i+1)); done; gate 2 ) || gate 2; fi`,
  ].join('\n')

/** Not more than this many, whatever the box allows. */
const BOMB = 500

const bomb = `( i=0; while [ $i -lt ${BOMB} ]; do sleep 600 & i=$((i+1)); done; gate 1 ) || gate 1`

// #region commands
const sh = (lines: readonly string[], args: readonly string[]): string[] => ['/bin/sh', '-c', lines.join('\n'), ...args]

/** Waits at gate 1; at lesson 4, told to go on and once it has taken 32 MiB more than it may, at gate 2. */
export function waitingCommand({ args, status, limits: { memory } }: Asked, name: string, arena: string): string[] {
  const more = memory === undefined ? [] : [hog(memory + 32n * BigInt(MIB))]
  return sh([gate(name, arena), 'gate 1', ...more, `exit ${status}`], args)
}

export const bombCommand = ({ args, status }: Asked, name: string, arena: string): string[] =>
  sh([gate(name, arena), bomb, `exit ${status}`], args)

export const REBEL = 'for g in "$@"; do if [ -p "$g" ]; then read go < "$g"; exit 0; fi; done'

/** In a user namespace of its own, if it gets one, a shell goes to the gate; if not, the first one does. */
export function rebelCommand({ args, status }: Asked, name: string, arena: string): string[] {
  const rebel = `unshare --user /bin/sh -c '${REBEL}' sh /${name}.1 ${arena}/${name}.1 || gate 1`
  return sh([gate(name, arena), rebel, `exit ${status}`], args)
}
// #endregion commands
