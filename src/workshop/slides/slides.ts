/** All decks, written into a folder that needs nothing else: reveal.js stands beside them. */
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
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

const QUIET = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync']

// #region pdf
/** One page a slide, printed by a browser that is there. @throws Complaint when there is none. */
export async function writePdf(out: string, decks: readonly Deck[]): Promise<string[]> {
  const { chromium } = await import('playwright-core')
  const browser = await chromium.launch({ executablePath: findBrowser(), args: QUIET })
  try {
    const page = await browser.newPage()
    const written: string[] = []
    for (const { name, slides } of decks) {
      await page.goto(`${pathToFileURL(resolve(out, `${name}.html`)).href}?view=print`)
      await page.waitForFunction(`document.querySelectorAll('.pdf-page').length === ${slides.length}`)
      await page.pdf({ path: join(out, `${name}.pdf`), preferCSSPageSize: true, printBackground: true })
      written.push(join(out, `${name}.pdf`))
    }
    return written
  } finally {
    await browser.close()
  }
}
// #endregion pdf

function findBrowser(): string {
  const places = (process.env['PATH'] ?? '').split(':')
  const found = BROWSERS.flatMap((name) => places.map((place) => join(place, name))).find((path) => existsSync(path))
  if (found !== undefined) return found
  throw new Complaint(
    `Cannot print the slides: there is no browser (${BROWSERS.join(', ')})\n  On Debian: apt install chromium`,
  )
}
