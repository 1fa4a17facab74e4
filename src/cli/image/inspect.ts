import { inspectImage } from '../../image/inspect.ts'
import { openStores } from '../../image/stores.ts'
import { print } from '../../workshop/print.ts'
import { command } from './command.ts'
import { imageNamed } from './get.ts'

// ts-unused-exports:disable-next-line
export const inspect = command({
  usage: 'IMAGE …',
  options: { format: { short: 'f', value: 'PATH', about: 'one field alone: .Config.Env, .RootFS.Layers' } },
  words: [1, Infinity],
  run: async ({ format }, words) => {
    using stores = await openStores()
    const all = words.map((word) => inspectImage(stores.store, imageNamed(stores, word)))
    if (format === undefined) print(JSON.stringify(all, null, 2))
    else for (const one of all) print(field(one, format))
  },
})

/** `{{.Config.Env}}` and `.Config.Env` are one. */
function field(value: unknown, format: string): string {
  const names = format
    .replace(/^\{\{\s*|\s*\}\}$/g, '')
    .split('.')
    .filter(Boolean)
  const found = names.reduce<unknown>((inside, name) => (inside as Record<string, unknown> | undefined)?.[name], value)
  return typeof found === 'string' ? found : JSON.stringify(found ?? null)
}
