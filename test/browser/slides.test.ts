import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { writePdf, writeSlides } from '../../src/workshop/slides/slides.ts'
import type { Deck } from '../../src/workshop/slides/deck.ts'
import { readDecks } from '../../src/workshop/weave/page.ts'
import { weave } from '../../src/workshop/weave/weave.ts'
import { repository, workshop } from '../pure/workshop.ts'
import { AT_ONCE, launch, openFolder, PATIENCE_MS, skipWithoutChromium, type Folder } from './browser.ts'

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

describe('the slides in Chromium', { skip: skipWithoutChromium, concurrency: AT_ONCE }, () => {
  let browser: Browser
  let folder: Folder
  let decks: Deck[]
  const written = mkdtempSync(join(tmpdir(), 'boxwright-decks-'))

  before(async () => {
    const pages = readDecks(repository).map((page) => weave(repository, page, workshop))
    decks = await writeSlides(repository, pages, written)
    folder = await openFolder((directory) => cpSync(written, directory, { recursive: true }))
    browser = await launch()
  })

  after(async () => {
    await browser.close()
    await folder[Symbol.asyncDispose]()
    rmSync(written, { recursive: true })
  })

  async function open(name: string, base: string, wrong: string[], width = 1280): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 720 } })
    page.setDefaultTimeout(PATIENCE_MS)
    page.on('console', (message) => wrong.push(`${name}: ${message.type()}: ${message.text()}`))
    page.on('pageerror', (error) => wrong.push(`${name}: ${error.message}`))
    page.on('request', (request) => {
      if (!request.url().startsWith(base) && !request.url().startsWith('data:'))
        wrong.push(`${name} asks for ${request.url()}`)
    })
    await page.goto(`${base}${name}.html`)
    return page
  }

  for (const way of ['disk', 'server'] as const)
    test(`every slide fits and says nothing to the console, from the ${way}`, async () => {
      const wrong: string[] = []
      for (const { name, slides } of decks) {
        const page = await open(name, folder.bases[way], wrong)
        for (const n of slides.keys()) {
          await page.evaluate(`Reveal.slide(${n})`)
          wrong.push(...(await page.evaluate<string[]>(OVERFLOW)).map((what) => `${name}, slide ${n + 1}: ${what}`))
        }
        await page.close()
      }
      assert.deepEqual(wrong, [])
    })

  test('no slide stands below another', async () => {
    for (const { name, slides } of decks) {
      const page = await open(name, folder.bases.disk, [])
      assert.equal(await page.locator('section section').count(), 0)
      assert.equal(await page.evaluate('Reveal.getTotalSlides()'), slides.length)
      await page.close()
    }
  })

  test('axe finds nothing on any slide or transcript', async () => {
    const found: string[] = []
    for (const { name, slides } of decks) {
      const page = await open(name, folder.bases.disk, [])
      await page.evaluate(AXE)
      for (const n of slides.keys()) {
        await page.evaluate(`Reveal.slide(${n})`)
        found.push(...(await page.evaluate<string[]>(VIOLATIONS)).map((what) => `${name}, slide ${n + 1}: ${what}`))
      }
      await page.goto(`${folder.bases.disk}${name}-transcript.html`)
      await page.evaluate(AXE)
      found.push(...(await page.evaluate<string[]>(VIOLATIONS)).map((what) => `${name}, transcript: ${what}`))
      await page.close()
    }
    assert.deepEqual(found, [])
  })

  test('the arrow keys reach every slide, and every step of shown code', async () => {
    for (const { name, slides } of decks) {
      const page = await open(name, folder.bases.disk, [])
      const steps = slides.flatMap(({ blocks }) =>
        blocks.flatMap((block) => (block.kind === 'quote' ? block.steps : [])),
      ).length
      for (let n = 1; n < slides.length + steps; n += 1) await page.keyboard.press('ArrowRight')
      assert.equal(await page.evaluate('Reveal.isLastSlide()'), true, name)
      assert.equal(await page.evaluate('Reveal.getIndices().h'), slides.length - 1, name)
      await page.close()
    }
  })

  test('a step lights its lines and dims the others', async () => {
    const page = await open('01-chroot', folder.bases.disk, [])
    const n = decks
      .find(({ name }) => name === '01-chroot')
      ?.slides.findIndex(({ blocks }) => blocks.some((block) => block.kind === 'quote'))
    await page.evaluate(`Reveal.slide(${n})`)
    assert.equal(await page.locator('.present .dimmed').count(), 0)
    await page.keyboard.press('ArrowRight')
    const lines = page.locator('.present .line')
    assert.equal(await page.locator('.present .dimmed').count(), (await lines.count()) - 1)
    assert.match((await page.locator('.present .line:not(.dimmed)').textContent()) ?? '', /steps: /)
    await page.close()
  })

  test('a transcript fits a phone', async () => {
    for (const { name } of decks) {
      const page = await open(`${name}-transcript`, folder.bases.disk, [], 390)
      assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true, name)
      await page.close()
    }
  })

  test('a deck prints as one page a slide', async () => {
    const [deck] = decks
    assert.ok(deck)
    const [path = ''] = await writePdf(written, [deck])
    const pdf = readFileSync(path, 'latin1')
    assert.equal([...pdf.matchAll(/\/Type\s*\/Page\b/g)].length, deck.slides.length)
  })
})

/** What sticks out of the present slide, or lies over its neighbour. */
const OVERFLOW = `(() => {
  const slide = Reveal.getCurrentSlide()
  const shown = [...slide.children].filter((one) => one.getClientRects().length > 0)
  const boxes = shown.map((one) => one.getBoundingClientRect())
  const scale = Reveal.getScale()
  return [
    ...(slide.scrollHeight > 720 || slide.scrollWidth > 1280 ? [slide.scrollWidth + ' x ' + slide.scrollHeight] : []),
    ...shown.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.tagName + ' is too wide'),
    ...boxes.slice(1).flatMap((box, n) => (box.top < boxes[n].bottom - 1 ? [shown[n + 1].tagName + ' lies over ' + shown[n].tagName] : [])),
    ...boxes.flatMap((box, n) => (box.bottom > 720 * scale + slide.getBoundingClientRect().top + 1 ? [shown[n].tagName + ' ends below the slide'] : [])),
  ]
})()`

const VIOLATIONS = `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] })
  .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`
