import assert from 'node:assert/strict'
import { test } from 'node:test'
import { box, host, type Plan, type Step } from '../../src/plan/plan.ts'
import { annotate, type Passage } from '../../src/workshop/site/annotate.ts'
import { block, type Surroundings } from '../../src/workshop/site/blocks.ts'
import { drawings } from '../../src/workshop/site/drawing.ts'
import { linker, type Term } from '../../src/workshop/site/glossary.ts'
import { highlighter } from '../../src/workshop/site/highlight.ts'
import { escape, markup } from '../../src/workshop/site/markup.ts'
import { prose } from '../../src/workshop/site/prose.ts'
import { wrapCall, wrapWords } from '../../src/workshop/site/wrap.ts'
import { reader } from '../../src/workshop/weave/page.ts'
import { seeded } from './random.ts'

const step = (lane: 'host' | 'box', lesson = 1): Step => ({
  ...(lane === 'host' ? host : box)('chdir', [`/${lane}`], `why in the ${lane}`),
  lesson,
})
const [hosts, boxes] = [step('host'), step('box')]

const wide = (plan: Plan, lesson?: number): string => drawings(plan, lesson)[0]?.text ?? ''

/** What stands in the drawing, from its top: whose step, or what is said of a meeting. */
function story(svg: string): string[] {
  const parts = svg.matchAll(/class="step (host|box)|class="meeting".*?<text[^>]*>(.*?)<\/text>/g)
  return [...parts].map(([, lane, words]) => lane ?? words ?? '')
}

test('a drawing has the box born before its first step when the host has steps, and when it has none', () => {
  assert.deepEqual(story(wide([hosts, hosts, boxes])), ['host', 'host', 'the box is born', 'box'])
  assert.deepEqual(story(wide([boxes, boxes])), ['the box is born', 'box', 'box'])
})

test('a drawing has a meeting wherever the lane changes', () => {
  assert.deepEqual(story(wide([hosts, boxes, hosts, boxes])), [
    'host',
    'the box is born',
    'box',
    'the box has done its part, and waits',
    'host',
    'the box goes on',
    'box',
  ])
})

test('a drawing has a place for the box, and no meeting, when the host does everything', () => {
  assert.deepEqual(story(wide([hosts])), ['host'])
})

test('a drawing keeps its lanes apart and its marks in one column each, on both sheets', () => {
  for (const { text } of drawings([hosts, boxes, hosts, boxes, boxes])) {
    const places = (lane: string): string[] =>
      [...text.matchAll(new RegExp(`class="step ${lane} \\w+"><circle cx="(\\d+)"`, 'g'))].map(
        (match) => match[1] ?? '',
      )
    assert.equal(places('host').length, 2)
    assert.equal(places('box').length, 3)
    assert.equal(new Set(places('host')).size, 1)
    assert.equal(new Set(places('box')).size, 1)
    assert.notEqual(places('host')[0], places('box')[0])
  }
})

test('a drawing lets time run down: no mark stands above or upon the one before', () => {
  for (const { text } of drawings(Array.from({ length: 9 }, (_, n) => step(n % 3 === 0 ? 'host' : 'box')))) {
    const heights = [...text.matchAll(/<circle cx="\d+" cy="(\d+)" r="10"/g)].map((match) => Number(match[1]))
    assert.equal(heights.length, 9)
    for (const [n, height] of heights.entries()) if (n > 0) assert.ok(height >= (heights[n - 1] ?? 0) + 20)
    assert.ok((heights.at(-1) ?? 0) < Number(/ height="(\d+)"/.exec(text)?.[1]))
  }
})

test('a drawing tells new steps from old when it is told the lesson, and not otherwise', () => {
  const plan = [step('host', 2), step('box', 1)]
  assert.match(wide(plan, 2), /step host new.*step box old/)
  assert.doesNotMatch(wide(plan), /step \w+ old/)
})

test('a drawing says in words what it shows, and escapes what a step says', () => {
  const plan: Plan = [hosts, { ...box('chdir', ['/<b>&"'], 'a < b'), lesson: 1 }]
  assert.match(wide(plan), /role="img" aria-label="[^"]*2 system calls[^"]*1 by the host, 1 in the box/)
  assert.ok(wide(plan).includes(escape('chdir(/<b>&")')))
  assert.ok(!wide(plan).includes('<b>'))
})

test('wrapping loses no character and keeps to its room when there is a place to break', (t) => {
  const random = seeded(t)
  for (let n = 0; n < 500; n += 1) {
    const call = random.text(160, 'ab/|, _')
    assert.equal(wrapCall(call, 270).join('').replace(/ /g, ''), call.replace(/ /g, ''))
    const words = random.text(120, 'abcd ')
    for (const line of wrapWords(words, 400)) assert.ok(line.length * 6.5 < 400, line)
  }
})

const highlight = await highlighter()
const passages = (source: string): Passage[] => annotate(highlight(source, 'typescript'))
const code = (passage: Passage | undefined): string[] =>
  (passage?.code ?? []).map(({ pieces }) => pieces.map(({ text }) => text).join(''))

test('annotating puts each comment beside the code that follows it', () => {
  const [head, body, ...others] = passages(
    "/**\n * A story\n * in two lines.\n */\nimport 'x'\n\n/** Doubles. */\nconst f = 2\n// A fact.\nconst g = 3",
  )
  assert.deepEqual([head?.comment, code(head)], ['A story\nin two lines.', ["import 'x'"]])
  assert.deepEqual([body?.comment, code(body)], ['Doubles.', ['const f = 2']])
  assert.deepEqual(
    others.map((passage) => [passage.comment, code(passage)]),
    [['A fact.', ['const g = 3']]],
  )
})

test('annotating begins without a comment when the source does', () => {
  const [first, second] = passages('#!/usr/bin/env node\nconst a = 1\n/** Then. */\nconst b = 2')
  assert.equal(second?.comment, 'Then.')
  assert.ok(code(first).includes('const a = 1'))
})

test('annotating leaves a comment at the end of a line of code where it is, and marks in strings', () => {
  const source = "const a = 1 // first\nconst b = `\n// no comment\n/* nor this */`\nconst url = '//host'"
  const [only, ...others] = passages(source)
  assert.deepEqual([only?.comment, others.length], ['', 0])
  assert.equal(code(only).join('\n'), source)
})

test('annotating hides the marks of regions, and every line is still somewhere', () => {
  const source = '/** Story. */\n// #region a\nconst a = 1\n// #endregion a\n\n/** B. */\nconst b = 2\n'
  const all = passages(source)
  assert.ok(!JSON.stringify(all).includes('region'))
  const lines = all.flatMap(({ code: shown, hidden }) => [...shown.map(({ number }) => number), ...hidden])
  assert.deepEqual(
    lines.sort((a, b) => a - b),
    [1, 2, 3, 4, 5, 6, 7, 8],
  )
})

const term = (name: string, ...also: string[]): Term => ({ name, id: name.replace(' ', '-'), also, meaning: [] })
const terms = [
  term('namespace', 'namespaces'),
  term('PID namespace'),
  term('cgroup'),
  term('cgroup namespace'),
  term('chroot'),
  term('PID 1'),
  term('OCI'),
]

/** The words that are linked, with where to, as a page with several paragraphs has them. */
function linked(...paragraphs: string[]): string[] {
  const link = linker(terms, 'g')
  const { render } = prose({ href: (href) => href, terms: link })
  const html = paragraphs.flatMap((text) => reader.lexer(text).map((token) => render(token).text)).join('')
  return [...html.matchAll(/<a [^>]*href="(g#[^"]*)">(.*?)<\/a>/g)].map(([, to, words]) => `${words} ${to}`)
}

test('a term is linked where a page uses it first, and nowhere after that', () => {
  assert.deepEqual(linked('A namespace, two namespaces.', 'Namespace.'), ['namespace g#namespace'])
})

test('a term is linked at the beginning of a sentence, and an abbreviation only as it is', () => {
  assert.deepEqual(linked('Namespaces and oci.'), ['Namespaces g#namespace'])
})

test('the longer term is linked where two begin or end at one place', () => {
  assert.deepEqual(linked('Its PID namespace. A namespace.'), [
    'PID namespace g#PID-namespace',
    'namespace g#namespace',
  ])
  assert.deepEqual(linked('A cgroup namespace. A cgroup.'), ['cgroup namespace g#cgroup-namespace', 'cgroup g#cgroup'])
})

test('a term is linked with its section of the manual, and as a piece of code', () => {
  assert.deepEqual(linked('See chroot(2).'), ['chroot(2) g#chroot'])
  assert.deepEqual(linked('See `chroot`.'), ['<code>chroot</code> g#chroot'])
})

test('a term is not linked in a heading, in a link, in a longer word, in a path, or in a longer piece of code', () => {
  assert.deepEqual(linked('# chroot\n\n[chroot](x) chroots my-chroot /bin/chroot chroot/x `chroot .`'), [])
})

test('a term is linked in lists, tables and answers', () => {
  assert.deepEqual(linked('- a chroot'), ['chroot g#chroot'])
  assert.deepEqual(linked('| a |\n|---|\n| chroot |'), ['chroot g#chroot'])
  assert.deepEqual(linked('<details><summary>Answer</summary>a *chroot*</details>'), ['chroot g#chroot'])
})

const around: Surroundings = { lesson: 2, highlight, source: () => undefined }

/** What is read: without tags. */
const unmarked = (text: string): string => text.replace(/<[^>]+>/g, '')

const html = (source: string): string => {
  const { render } = prose({ href: (href) => (href.startsWith('no') ? undefined : href) })
  return reader
    .lexer(source)
    .map((token) => render(token).text)
    .join('')
}

test('an answer is Markdown when it is written without blank lines, and keeps its question', () => {
  const answer = html('<details>\n<summary>Why?</summary>\nBecause of `x` and *y*.\n</details>')
  assert.match(
    answer,
    /<details><summary>Why\?<\/summary>\s*<p>Because of <code>x<\/code> and <em>y<\/em>\.<\/p>\s*<\/details>/,
  )
})

test('headings of one name have names of their own, and a link to what has no page is words', () => {
  assert.match(
    html('## A b\n\n## A b\n\n[x](nowhere.md) [y](there.html)'),
    /id="a-b".*id="a-b-2".*<p>x <a href="there.html">y<\/a>/s,
  )
})

test('markup escapes words, keeps markup, and leaves out what is not there', () => {
  assert.equal(
    markup`<p>${'<&"'}${markup`<b>${1}</b>`}${false}${undefined}${['a', markup`<i>`]}</p>`.text,
    '<p>&#60;&#38;&#34;<b>1</b>a<i></p>',
  )
})

test('a difference has the sign of each line in words and in kind, and keeps it where a call goes on', () => {
  const text = '-   box   chroot(\n            /)\n+   host  mount(a,\n            b)'
  const { text: html } = block({ kind: 'diff', line: 1, command: 'boxwright diff 1 2', text }, around)
  assert.deepEqual(html.match(/<(ins|del)>/g), ['<del>', '<del>', '<ins>', '<ins>'])
  assert.match(html, /<span class="host">host<\/span>/)
  assert.ok(unmarked(html).endsWith(text))
})

test('a console tells what is typed from what is printed, and loses nothing of either', () => {
  const exchanges = [
    { command: 'a <b \\\n  c', expected: ['one', 'two'], line: 1 },
    { command: 'd', expected: [], line: 5 },
  ]
  const { text: html } = block({ kind: 'console', line: 1, exchanges }, around)
  assert.deepEqual(html.match(/<(kbd|samp)>/g), ['<kbd>', '<samp>', '<kbd>'])
  assert.equal(unmarked(html), escape('$ a <b \\\n  c\none\ntwo\n$ d'))
})
