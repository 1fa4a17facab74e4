/** Layers as a picture: each a block as tall as what it brings, the lowest at the bottom; green is what another image has as well. */
import type { LayerFacts } from '../../image/layers.ts'
import { inBytes } from './quantities.ts'

const [WIDTH, LEAST, ALL, MARGIN] = [640, 34, 360, 16]

// #region svg
/** @param layers the topmost first. */
export function drawLayers(name: string, layers: readonly LayerFacts[]): string {
  const total = layers.reduce((sum, { bytes }) => sum + bytes, 0) || 1
  const heights = layers.map(({ bytes }) => Math.max(LEAST, Math.round((bytes / total) * ALL)))
  const blocks = layers.map((layer, n) =>
    block(layer, 40 + heights.slice(0, n).reduce((sum, one) => sum + one + 4, 0), heights[n] ?? LEAST),
  )
  const height = 48 + heights.reduce((sum, one) => sum + one + 4, 0)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="13" role="img">`,
    `<title>The layers of ${escape(name)}</title>`,
    `<text x="${MARGIN}" y="24" font-weight="bold">${escape(name)}</text>`,
    ...blocks,
    '</svg>',
    '',
  ].join('\n')
}
// #endregion svg

function block({ digest, size, adds, bytes, hides, hidden, shared }: LayerFacts, top: number, height: number): string {
  const facts = [
    `${inBytes(bytes)} in ${adds} new files, sent as ${inBytes(size)}`,
    ...(hides > 0 ? [`hides ${hides} below, ${inBytes(hidden)}`] : []),
    ...(shared.length > 0 ? [`shared by ${shared.length + 1}`] : []),
  ].join(' · ')
  return [
    `<rect x="${MARGIN}" y="${top}" width="${WIDTH - 2 * MARGIN}" height="${height}" rx="4" fill="${shared.length > 0 ? '#cfe3d4' : '#d5def0'}" stroke="#445"/>`,
    `<text x="${2 * MARGIN}" y="${top + height / 2 + 4}" font-family="monospace">${digest.replace('sha256:', '').slice(0, 12)}</text>`,
    `<text x="${9 * MARGIN}" y="${top + height / 2 + 4}">${escape(facts)}</text>`,
  ].join('\n')
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
