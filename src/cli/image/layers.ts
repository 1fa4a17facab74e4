import { writeFileSync } from 'node:fs'
import { resolveImage } from '../../image/find.ts'
import { layersOf, type LayerFacts } from '../../image/layers.ts'
import { openStores } from '../../image/stores.ts'
import { print } from '../../workshop/print.ts'
import { command } from './command.ts'
import { imageNamed } from './get.ts'
import { drawLayers } from './layers-svg.ts'
import { inBytes } from './quantities.ts'

// ts-unused-exports:disable-next-line
export const layers = command({
  usage: 'IMAGE',
  about:
    'The topmost layer first: how large it is, what it adds, what it hides of those below, and who has it as well.',
  options: { svg: { value: 'FILE', about: 'draw them' }, json: { about: 'as JSON, a line for each' } },
  words: [1, 1],
  run: async ({ svg, json }, [word = '']) => {
    using stores = await openStores()
    const image = imageNamed(stores, word)
    const all = (await layersOf(stores.store, resolveImage(stores.store, image.target))).reverse()
    if (svg !== undefined) writeFileSync(svg, drawLayers(image.name, all))
    else if (json) for (const one of all) print(JSON.stringify(one))
    else print(all.map((one) => rowsOf(one, Math.max(...all.map(({ bytes }) => bytes)))).join('\n'))
  },
})

// #region rows
const WIDTH = 40

/** The bar is what it brings; what it hides is bytes that are sent for nothing. */
function rowsOf({ digest, by, size, adds, bytes, hides, hidden, shared }: LayerFacts, most: number): string {
  const bar = '█'.repeat(Math.max(1, Math.round((bytes / Math.max(1, most)) * WIDTH)))
  return [
    `${digest.replace('sha256:', '').slice(0, 12)}  ${bar}`,
    `              ${inBytes(bytes)} in ${adds} new files, sent as ${inBytes(size)}`,
    ...(hides > 0 ? [`              hides ${hides} files below, ${inBytes(hidden)}`] : []),
    ...(shared.length > 0 ? [`              shared with ${shared.join(', ')}`.slice(0, 80)] : []),
    ...(by === '' ? [] : [`              ${by.replaceAll(/\s+/g, ' ')}`.slice(0, 80)]),
  ].join('\n')
}
// #endregion rows
