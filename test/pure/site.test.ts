import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { readPassport } from '../../src/workshop/passport.ts'
import { passportForTerminal } from '../../src/workshop/read/terminal.ts'
import { readGlossary } from '../../src/workshop/site/glossary.ts'
import { wholeSite } from './whole-site.ts'
import { repository } from './workshop.ts'

const { files, problems } = await wholeSite()
const pages = [...files].filter(([path]) => path.endsWith('.html'))
const lessons = pages.filter(([path]) => path.startsWith('lessons/'))

const all = (html: string, pattern: RegExp): string[] => [...html.matchAll(pattern)].map((match) => match[1] ?? '')
const ids = (html: string): string[] => all(html, / id="([^"]*)"/g)

test('the pages show lessons that have no problems', () => {
  assert.deepEqual(problems, [])
})

test('a lesson’s page shows how much of the OCI’s suite holds, lesson by lesson up to its own', () => {
  const { programs, stages } = readPassport(repository)
  for (const [path, html] of lessons) {
    const number = Number(/\d+/.exec(path)?.[0])
    const rows = all(html, /<tr(?: class="here")?><th scope="row">(.*?<\/td><td>.*?)<\/td><\/tr>/g)
    const expected = stages.filter(({ lesson = 13 }) => lesson <= number)
    assert.equal(rows.length, expected.length, path)
    for (const [n, { clean, ok, notOk }] of expected.entries())
      assert.ok(rows[n]?.includes(`${clean} of ${programs}<`) && rows[n].endsWith(`>${ok} of ${ok + notOk}`), rows[n])
    assert.equal(html.split('class="here"').length, 2, path)
  }
})

test('the passport in a terminal has the same figures when it stands below a lesson', () => {
  const passport = {
    version: '1',
    programs: 18,
    stages: [
      { lesson: 1, name: 'chroot', clean: 2, ok: 40, notOk: 2 },
      { lesson: 2, name: 'namespaces', clean: 3, ok: 50, notOk: 0 },
      { name: 'runtime', clean: 18, ok: 60, notOk: 0 },
    ],
  }
  const text = (lesson: number): string[] =>
    passportForTerminal(passport, lesson)
      .split('\n')
      .filter((line) => line.includes(' · '))
  assert.deepEqual(text(1), ['  1 · chroot             2 of 18   programs   40 of 42 assertions'])
  assert.equal(text(2).length, 2)
  assert.match(text(13).at(-1) ?? '', /^ {2}13 · runtime +18 of 18 +programs +60 of 60 assertions$/)
})

test('every link on every page leads to a page, and to a place in it, that exists', () => {
  const anchors = new Map(pages.map(([path, html]) => [path, new Set(ids(html))]))
  let links = 0
  for (const [path, html] of pages) {
    for (const href of all(html, /<a [^>]*?href="([^"]*)"/g)) {
      if (/^https:/.test(href)) continue
      links += 1
      const [to = '', anchor] = href.split('#')
      const target = to === '' ? path : normalize(join(dirname(path), to))
      assert.ok(files.has(target), `${path} links to ${href}`)
      if (anchor !== undefined) assert.ok(anchors.get(target)?.has(anchor), `${path} links to ${href}`)
    }
  }
  assert.ok(links > 500, `${links} links`)
})

test('no page loads anything but what stands in the folder', () => {
  for (const [path, html] of pages) {
    const loaded = all(html, /<(?:link|script|img|iframe|source)\b[^>]*?(?:href|src)="([^"]*)"/g)
    assert.ok(loaded.length >= 4)
    for (const href of loaded) assert.ok(files.has(normalize(join(dirname(path), href))), `${path} loads ${href}`)
  }
  for (const [path, text] of files) if (path.endsWith('.css')) assert.doesNotMatch(text, /url\(|@import/)
})

test('every page has a language, one main heading, landmarks, and no name twice', () => {
  for (const [path, html] of pages) {
    assert.match(html, /^<!doctype html>\n<html lang="en"/, path)
    assert.equal(all(html, /<(h1)[ >]/g).length, 1, path)
    for (const landmark of ['<header class="top"', '<nav aria-label="Site"', '<main id="main"', '<footer>'])
      assert.equal(html.split(landmark).length, 2, `${path} ${landmark}`)
    assert.equal(new Set(ids(html)).size, ids(html).length, path)
  }
})

test('headings go down one step at a time', () => {
  for (const [path, html] of pages) {
    const depths = all(html, /<h([1-6])[ >]/g).map(Number)
    for (const [n, depth] of depths.entries()) assert.ok(depth <= (depths[n - 1] ?? 0) + 1, `${path}: h${depth}`)
  }
})

test('each lesson leads to the one before and the one after, has contents, and says how long it takes', () => {
  assert.ok(lessons.length >= 4)
  for (const [n, [path, html]] of lessons.entries()) {
    const around = [lessons[n - 1]?.[0] ?? 'index.html', lessons[n + 1]?.[0]]
    const way = /<nav class="way".*?<\/nav>/s.exec(html)?.[0] ?? ''
    const hrefs = all(way, /href="([^"]*)"/g).map((href) => normalize(join('lessons', href)))
    assert.deepEqual(
      hrefs,
      around.filter((other) => other !== undefined),
      path,
    )
    const contents = /<nav class="contents".*?<\/nav>/s.exec(html)?.[0] ?? ''
    assert.equal(all(contents, /(<li>)/g).length, all(html, /<(h2) id="(?!contents)/g).length, path)
    assert.match(html, /<strong>\d+ minutes<\/strong> to read/)
  }
})

test('each quotation names its file and line, and leads to where that is shown', () => {
  for (const [path, html] of lessons) {
    const quotes = all(html, /<figure class="quote">(.*?)<\/figcaption>/gs)
    assert.ok(quotes.length > 0, path)
    for (const quote of quotes) {
      const [, href, file, line] = /href="(.*?)"><code>(.*?)<\/code>, line (\d+)/.exec(quote) ?? []
      assert.equal(href, `../source/${file}.html#L${line}`, path)
    }
  }
})

test('each drawing has its table, for those who cannot see it', () => {
  for (const [path, html] of [...lessons, ...pages.slice(0, 1)]) {
    const plans = all(html, /<figure class="plan">(.*?)<\/figure>/gs)
    for (const plan of plans)
      assert.match(plan, /<svg .*<details><summary>The plan as a table<\/summary>.*lane {2}call/s, path)
  }
})

test('each source page shows every line of its file once', () => {
  const sources = pages.filter(([path]) => path.startsWith('source/') && path !== 'source/index.html')
  assert.ok(sources.length > 20)
  for (const [path, html] of sources) {
    const text = readFileSync(join(repository, path.replace(/^source\/(.*)\.html$/, '$1')), 'utf8').trimEnd()
    const lines = ids(html).filter((id) => /^L\d+$/.test(id))
    assert.equal(lines.length, text.split('\n').length, path)
  }
})

test('search knows every section and every term, and leads to places that exist', () => {
  const script = files.get('assets/search-index.js') ?? ''
  const entries = JSON.parse(script.slice(script.indexOf('['))) as Record<'title' | 'href' | 'text', string>[]
  for (const { href } of entries) {
    const [path = '', anchor] = href.split('#')
    assert.ok(anchor === undefined ? files.has(path) : ids(files.get(path) ?? '').includes(anchor), href)
  }
  const titles = new Set(entries.map(({ title }) => title))
  for (const { name } of readGlossary(repository)) assert.ok(titles.has(name), name)
  for (const [, html] of lessons)
    for (const id of all(html, /<h2 id="(?!contents)([^"]*)"/g)) assert.ok(script.includes(`#${id}"`), id)
})

test('each term of the glossary has a meaning, and where it is from, and a name of its own', () => {
  const terms = readGlossary(repository)
  const words = terms.flatMap(({ name, also }) => [name, ...also])
  assert.ok(terms.length >= 35)
  assert.equal(new Set(words).size, words.length)
  for (const { name, meaning } of terms) {
    assert.ok(meaning.length >= 1, name)
    assert.match(meaning.at(-1)?.raw ?? '', /^— /, name)
  }
})

/** The command itself, in a process of its own. */
const site = (out: string): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [join(repository, 'src/cli/boxwright.mjs'), 'site', '--out', out], { encoding: 'utf8' })

test('the command writes the pages into an empty directory and replaces them, and refuses one with anything else in it', () => {
  const directory = mkdtempSync(join(tmpdir(), 'boxwright-site-'))
  try {
    assert.equal(site(directory).status, 0)
    assert.ok(existsSync(join(directory, 'index.html')))
    writeFileSync(join(directory, 'lessons/99-gone.html'), '')
    assert.equal(site(directory).status, 0)
    assert.ok(!existsSync(join(directory, 'lessons/99-gone.html')))
    rmSync(join(directory, 'assets'), { recursive: true })
    const { status, stderr } = site(directory)
    assert.equal(status, 125)
    assert.match(stderr, /Cannot write the pages to "[^"]+": there is something else/)
    assert.ok(existsSync(join(directory, 'index.html')))
  } finally {
    rmSync(directory, { recursive: true })
  }
})
