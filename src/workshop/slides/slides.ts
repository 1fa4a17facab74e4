/** All decks, written into a folder that needs nothing else: reveal.js stands beside them. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Complaint } from '../complaint.ts'
import { highlighter } from '../site/highlight.ts'
import type { WovenPage } from '../weave/weave.ts'
import { deckPage, transcript } from './deck-page.ts'
import { deckOf, type Deck } from './deck.ts'

// #region slides
/** @param out made when it is not there. @returns the decks, in their order. */
export async function writeSlides(repository: string, pages: readonly WovenPage[], out: string): Promise<Deck[]> {
  const highlight = await highlighter()
  const decks = pages.map(deckOf)
  mkdirSync(out, { recursive: true })
  for (const [from, to] of ASSETS) copyFileSync(join(repository, from), join(out, to))
  for (const deck of decks) {
    writeFileSync(join(out, `${deck.name}.html`), deckPage(deck, highlight).text)
    writeFileSync(join(out, `${deck.name}-transcript.html`), transcript(deck, highlight).text)
  }
  return decks
}
// #endregion slides

const ASSETS = [
  ['node_modules/reveal.js/dist/reveal.js', 'reveal.js'],
  ['node_modules/reveal.js/dist/reveal.css', 'reveal.css'],
  ['node_modules/reveal.js/dist/plugin/notes.js', 'notes.js'],
  ['src/workshop/slides/assets/deck.js', 'deck.js'],
  ['src/workshop/slides/assets/deck.css', 'deck.css'],
] as const

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

// #region pdf
/** One page a slide, printed by a browser that is there. @throws Complaint when there is none. */
export function writePdf(out: string, deck: Deck): string {
  const pdf = resolve(out, `${deck.name}.pdf`)
  const home = mkdtempSync(join(tmpdir(), 'boxwright-pdf-'))
  const url = `${pathToFileURL(resolve(out, `${deck.name}.html`)).href}?view=print`
  const options = [...QUIET, `--user-data-dir=${home}`, `--print-to-pdf=${pdf}`, '--virtual-time-budget=20000', url]
  try {
    for (const browser of BROWSERS) {
      const { error, status, stderr } = spawnSync(browser, options, { encoding: 'utf8' })
      if (error) continue
      if (status === 0) return pdf
      throw new Complaint(
        `Cannot print "${deck.name}": ${browser} ended with ${status}\n  ${stderr.trim().split('\n').at(-1)}`,
      )
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
  throw new Complaint(
    `Cannot print "${deck.name}": there is no browser (${BROWSERS.join(', ')})\n  On Debian: apt install chromium`,
  )
}
// #endregion pdf

const QUIET = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--no-pdf-header-footer',
]
