import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { writeSite } from '../../src/workshop/site/site.ts'
import { wholeSite } from '../pure/whole-site.ts'
import { AT_ONCE, launch, openFolder, PATIENCE_MS, skipWithoutChromium, type Folder } from './browser.ts'

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

/** Of a window that is opened, and then drawn to its other width. */
const WIDTHS = { disk: [1280, 390], server: [390, 1280] }
const LIGHTS = ['light', 'dark'] as const
const WAYS = ['disk', 'server'] as const

describe('the pages in Chromium', { skip: skipWithoutChromium, concurrency: AT_ONCE }, () => {
  let browser: Browser
  let folder: Folder
  let pages: string[]

  before(async () => {
    const { files } = await wholeSite()
    pages = [...files.keys()].filter((path) => path.endsWith('.html'))
    folder = await openFolder((directory) => writeSite(files, directory))
    browser = await launch()
  })

  after(async () => {
    await browser.close()
    await folder[Symbol.asyncDispose]()
  })

  /** A window, and what went wrong in it. */
  async function open(
    options: BrowserContextOptions,
  ): Promise<{ context: BrowserContext; page: Page; wrong: string[] }> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
    context.setDefaultTimeout(PATIENCE_MS)
    const page = await context.newPage()
    const wrong: string[] = []
    const bases = Object.values(folder.bases)
    page.on('console', (message) => wrong.push(`${page.url()}: ${message.type()}: ${message.text()}`))
    page.on('pageerror', (error) => wrong.push(`${page.url()}: ${error.message}`))
    page.on('requestfailed', (request) => {
      // The browser gives up what it still wanted for a page that is left.
      const { errorText } = request.failure() ?? { errorText: '' }
      if (errorText !== 'net::ERR_ABORTED') wrong.push(`${page.url()}: ${errorText}: ${request.url()}`)
    })
    page.on('request', (request) => {
      if (!bases.some((base) => request.url().startsWith(base))) wrong.push(`${page.url()}: asks for ${request.url()}`)
    })
    return { context, page, wrong }
  }

  for (const way of WAYS)
    for (const light of LIGHTS)
      test(`every page fits, is quiet and asks nobody else, from the ${way}, ${WIDTHS[way].join(', then ')} pixels wide, ${light}`, async () => {
        const { context, page, wrong } = await open({ colorScheme: light })
        for (const path of pages) {
          for (const [n, width] of WIDTHS[way].entries()) {
            await page.setViewportSize({ width, height: 844 })
            if (n === 0) await page.goto(folder.bases[way] + path)
            const [has, needs] = await page.evaluate(widths)
            if (needs > has) wrong.push(`${path}: ${needs} pixels on ${has}`)
          }
        }
        await context.close()
        assert.deepEqual(wrong, [])
      })

  /** Pages of sources are made alike: where the others have been looked at, two of them stand for all. */
  for (const [width, light, which] of [
    [1280, 'light', 'any page'],
    [390, 'dark', 'any page'],
    [1280, 'dark', 'a page of each kind'],
    [390, 'light', 'a page of each kind'],
  ] as const)
    test(`axe finds nothing on ${which}, ${width} pixels wide, ${light}`, async () => {
      const sources = pages.filter((path) => path.startsWith('source/src/'))
      const subjects = which === 'any page' ? pages : pages.filter((path) => !sources.slice(2).includes(path))
      const { context, page } = await open({ viewport: { width, height: 844 }, colorScheme: light })
      const found: string[] = []
      for (const path of subjects) {
        await page.goto(folder.bases.disk + path)
        await page.evaluate(unfold)
        await page.evaluate(AXE)
        found.push(...(await page.evaluate(violations)).map((violation) => `${path}: ${violation}`))
      }
      await context.close()
      assert.deepEqual(found, [])
    })

  for (const way of WAYS) {
    test(`search is reached, used and left by keyboard alone, from the ${way}`, async () => {
      const { context, page, wrong } = await open({})
      await page.goto(`${folder.bases[way]}lessons/03-mounts.html`)
      await page.keyboard.press('/')
      await page.keyboard.type('pivot_root')
      const chosen = page.locator('[role=option][aria-selected=true]')
      await chosen.waitFor()
      assert.match(await chosen.innerText(), /pivot_root/)
      const first = await chosen.getAttribute('id')
      await page.keyboard.press('ArrowDown')
      assert.notEqual(await chosen.getAttribute('id'), first)
      assert.equal(
        await page.locator('.search input').getAttribute('aria-activedescendant'),
        await chosen.getAttribute('id'),
      )
      // One key on the heels of the other, as quick fingers do.
      await page.keyboard.press('Escape')
      await page.keyboard.press('/')
      assert.equal(await page.locator('dialog[open]').count(), 1)
      assert.equal(await page.locator('.search input').inputValue(), 'pivot_root')
      await page.keyboard.type('OOM kill')
      await page.keyboard.press('Enter')
      await page.waitForURL(/glossary\.html#oom-kill$/, { waitUntil: 'commit' })
      await context.close()
      assert.deepEqual(wrong, [])
    })

    test(`search says so when there is nothing, from the ${way}`, async () => {
      const { context, page } = await open({})
      await page.goto(`${folder.bases[way]}index.html`)
      await page.locator('#open-search').click()
      await page.keyboard.type('xyzzy <b>')
      await page.getByText('Nothing found').waitFor()
      assert.equal(await page.locator('[role=option]').count(), 0)
      await context.close()
    })
  }

  test('a lesson ends with the passport of the lessons so far, and its own line stands out', async () => {
    const { context, page, wrong } = await open({})
    await page.goto(`${folder.bases.disk}lessons/03-mounts.html`)
    const rows = page.locator('.passport tbody tr')
    assert.deepEqual(await rows.locator('th').allInnerTexts(), ['1 · chroot', '2 · namespaces', '3 · mounts'])
    const weights =
      "[...document.querySelectorAll('.passport td')].map((cell) => Number(getComputedStyle(cell).fontWeight))"
    const [first = 0, ...others] = await page.evaluate<number[]>(weights)
    assert.ok((others.at(-1) ?? 0) > first)
    assert.ok((await rows.last().locator('meter').boundingBox())?.width)
    await context.close()
    assert.deepEqual(wrong, [])
  })

  test('Tab goes past the head, to search, to the switch, to the contents', async () => {
    const { context, page } = await open({})
    await page.goto(`${folder.bases.disk}lessons/01-chroot.html`)
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate(focused), 'Skip to the text')
    const stops: string[] = []
    for (let n = 0; n < 40; n += 1) {
      await page.keyboard.press('Tab')
      stops.push(await page.evaluate(focused))
    }
    const order = ['Boxwright', 'Lessons', 'Search /', 'Dark', 'The annoyance'].map((name) => stops.indexOf(name))
    assert.ok(!order.includes(-1), stops.join(', '))
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    )
    await context.close()
  })

  test('the way past the head leads to the text, and focus can be seen', async () => {
    const { context, page } = await open({})
    await page.goto(`${folder.bases.disk}glossary.html`)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    assert.equal(await page.evaluate('document.activeElement.id'), 'main')
    await page.keyboard.press('Tab')
    assert.ok(await page.evaluate("document.activeElement.closest('main') !== null"))
    assert.equal(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'), 'solid')
    await context.close()
  })

  for (const [words, storage] of [
    ['and is remembered', 'kept'],
    ['where nothing may be kept', 'refused'],
  ] as const)
    test(`the switch turns the light ${words}`, async () => {
      const { context, page, wrong } = await open({ colorScheme: 'light' })
      if (storage === 'refused') await page.addInitScript(refuseStorage)
      await page.goto(`${folder.bases.server}index.html`)
      assert.ok((await brightness(page)) > 200)
      await page.locator('#light').press('Enter')
      assert.ok((await brightness(page)) < 60)
      assert.equal(await page.locator('#light').innerText(), 'Light')
      await page.goto(`${folder.bases.server}glossary.html`)
      assert.equal((await brightness(page)) < 60, storage === 'kept')
      await context.close()
      assert.deepEqual(wrong, [])
    })

  test('code that is wider than a phone scrolls in its place, and Tab reaches it there', async () => {
    const { context, page } = await open({ viewport: { width: 390, height: 844 } })
    await page.goto(`${folder.bases.disk}source/src/launch/inline.ts.html`)
    const block = page.locator('.annotated pre').first()
    await page.waitForFunction("document.querySelector('.annotated pre').scrollWidth > 300")
    await block.focus()
    assert.match((await block.getAttribute('aria-label')) ?? '', /^Lines \d+ to \d+$/)
    await page.keyboard.press('ArrowRight')
    await page.waitForFunction("document.querySelector('.annotated pre').scrollLeft > 0")
    await context.close()
  })

  test('each line of a source stands below the one before, also when it is pointed at', async () => {
    const { context, page } = await open({})
    await page.goto(`${folder.bases.disk}source/src/launch/inline.ts.html#L20`)
    const tops = await page.evaluate<number[]>(
      "[...document.querySelectorAll('.line')].map((line) => line.getBoundingClientRect().top)",
    )
    assert.ok(tops.length > 40)
    for (const [n, top] of tops.entries()) if (n > 0) assert.ok(top >= (tops[n - 1] ?? 0) + 15, `line ${n}`)
    await context.close()
  })

  test('on paper there is no furniture, answers are unfolded, and the paper is white', async () => {
    const { context, page } = await open({ colorScheme: 'dark' })
    await page.goto(`${folder.bases.disk}lessons/01-chroot.html`)
    await page.emulateMedia({ media: 'print' })
    assert.equal(await page.locator('.top').isVisible(), false)
    assert.ok((await brightness(page)) > 250)
    assert.ok((await page.locator('.text li details').first().evaluate(heightOf)) > 40)
    await context.close()
  })

  test('without scripts a lesson is whole, and no button is there that does nothing', async () => {
    const { context, page } = await open({ javaScriptEnabled: false })
    await page.goto(`${folder.bases.disk}lessons/02-namespaces.html`)
    assert.equal(await page.locator('button:visible').count(), 0)
    assert.ok(await page.locator('.plan svg:visible').first().isVisible())
    await context.close()
  })
})

// What follows runs in the page, where there is a document.
const widths = '[document.documentElement.clientWidth, document.documentElement.scrollWidth]' as unknown as () => [
  number,
  number,
]
const unfold = "document.querySelectorAll('details').forEach((details) => (details.open = true))"
const focused = 'document.activeElement.innerText.trim()' as unknown as () => string
const refuseStorage =
  "Object.defineProperty(globalThis, 'localStorage', { get() { throw new DOMException('refused', 'SecurityError') } })"
const violations =
  "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes.map(({ html }) => html.slice(0, 120)).join(' | ')))" as unknown as () => Promise<
    string[]
  >
const heightOf = (element: { getBoundingClientRect(): { height: number } }): number =>
  element.getBoundingClientRect().height

/** Of the paper, 0 to 255. */
async function brightness(page: Page): Promise<number> {
  const colour = await page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor')
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number)
  return (red + green + blue) / 3
}
