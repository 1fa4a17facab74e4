import { list as listContainers } from '../../runtime/list.ts'
import type { State } from '../../runtime/state.ts'
import { command } from './command.ts'
import { oneOf } from './globals.ts'
import { print } from '../../workshop/print.ts'
import { table } from './table.ts'
import { told } from './state.ts'

// ts-unused-exports:disable-next-line
export const list = command({
  usage: '',
  about: 'Those below --root, by name.',
  options: {
    format: { short: 'f', value: 'FORMAT', about: 'table or json (default: table)' },
    quiet: { short: 'q', about: 'only their names' },
  },
  words: [0, 0],
  run: ({ format = 'table', quiet }, _, { settings }) => {
    const states = listContainers(settings)
    if (quiet) for (const { id } of states) print(id)
    else if (oneOf('format', format, ['table', 'json']) === 'json') print(listedJson(states))
    else print(table([HEAD, ...states.map(row)]))
  },
})

/** Without any, Go writes null. */
export const listedJson = (states: readonly State[]): string =>
  states.length === 0 ? 'null' : JSON.stringify(states.map(told))

const HEAD = ['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER']

const row = ({ id, pid, status, bundle, created, owner }: State): string[] => [
  id,
  String(pid),
  status,
  bundle,
  created,
  owner,
]
