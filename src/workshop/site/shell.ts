/** What all pages have: a head, a way past it, the places to go to, search, and a switch for the light. */
import { markup, Markup, type Value } from './markup.ts'

export interface PageParts {
  /** From the site's root. */
  path: string
  title: string
  description: string
  /** Of the style sheet. */
  kind: 'home' | 'lesson' | 'source' | 'list'
  main: Value
  previous?: string
  next?: string
}

/** From a page to the site's root: a site on a disk has no other way to say that. */
export const rootOf = (path: string): string => '../'.repeat(path.split('/').length - 1)

// #region page
export function page({ path, title, description, kind, main, previous, next }: PageParts): string {
  const root = rootOf(path)
  const document = markup`<html lang="en" data-root="${root}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<meta name="description" content="${description}">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="${root}assets/icon.svg">
<link rel="stylesheet" href="${root}assets/site.css">
${previous !== undefined && markup`<link rel="prev" href="${previous}">`}${next !== undefined && markup`<link rel="next" href="${next}">`}
<script src="${root}assets/light.js"></script>
<script src="${root}assets/search.js" defer></script>
<script src="${root}assets/reading.js" defer></script>
</head>
<body class="${kind}">
<a class="skip" href="#main">Skip to the text</a>
${header(root, path)}
<main id="main" tabindex="-1">
${main}
</main>
<footer><p>A container is not a thing. It is a process, and the list of system calls that were made before it started.</p></footer>
</body>
</html>`
  return `<!doctype html>\n${document.text}\n`
}
// #endregion page

const PLACES = [
  ['Lessons', 'index.html'],
  ['Attacks', 'attacks.html'],
  ['Source', 'source/index.html'],
  ['Glossary', 'glossary.html'],
] as const

const header = (root: string, path: string): Markup => markup`<header class="top">
<a class="brand" href="${root}index.html">${LOGO} Boxwright</a>
<nav aria-label="Site"><ul>${PLACES.map(([name, to]) => markup`<li><a href="${root}${to}"${to === path && new Markup(' aria-current="page"')}>${name}</a></li>`)}</ul></nav>
<div class="tools"><button type="button" id="open-search" hidden aria-keyshortcuts="/">Search <kbd aria-hidden="true">/</kbd></button>
<button type="button" id="light" hidden>Dark</button></div>
</header>`

/** A box in a host: the two colours. */
const LOGO = markup`<svg class="logo" width="22" height="22" viewBox="0 0 22 22" aria-hidden="true"><rect class="outer" x="1.5" y="1.5" width="19" height="19" rx="3"/><rect class="inner" x="8" y="8" width="8.5" height="8.5" rx="1"/></svg>`
