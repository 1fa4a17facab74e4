import { execKept } from '../../engine/exec.ts'
import { Shelf } from '../../engine/kept.ts'
import { openStores } from '../../image/stores.ts'
import { command } from './command.ts'
import { emptyInput, requireTerminal } from './input.ts'
import { refusedAs } from './refused.ts'
import { variablesFrom } from './variables.ts'

// ts-unused-exports:disable-next-line
export const exec = command({
  usage: 'CONTAINER COMMAND [ARGUMENT …]',
  about: 'In a container that runs. It ends with the exit status of the command.\n\nboxwright exec -it web sh',
  options: {
    interactive: { short: 'i', about: 'keep standard input open; otherwise it is empty' },
    tty: { short: 't', about: 'a terminal of its own' },
    detach: { short: 'd', about: 'do not wait for it' },
    env: { short: 'e', value: 'NAME=VALUE', list: true, about: 'a variable; NAME alone is yours' },
    'env-file': { value: 'FILE', list: true, about: 'variables, one on a line' },
    workdir: { short: 'w', value: 'PATH', about: 'where the command stands' },
    user: { short: 'u', value: 'USER[:GROUP]', about: 'names are those of the image' },
  },
  first: true,
  words: [2, Infinity],
  run: async (given, [word = '', ...args]) => {
    requireTerminal(given)
    using stores = await openStores()
    const shelf = new Shelf(stores.data)
    const kept = shelf.find(word)
    if (!given.interactive) emptyInput()
    return await refusedAs(`exec in container "${kept.name}"`, () =>
      execKept(stores, shelf, kept, {
        args,
        terminal: given.tty === true,
        env: variablesFrom(given.env ?? [], given['env-file'] ?? []),
        detach: given.detach === true,
        ...(given.user !== undefined && { user: given.user }),
        ...(given.workdir !== undefined && { workdir: given.workdir }),
      }),
    )
  },
})
