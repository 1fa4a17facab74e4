/** Search over lessons and glossary: `/` opens it, arrows choose, Enter goes there, Escape closes it. */
'use strict'
document.addEventListener('DOMContentLoaded', () => {
  const root = document.documentElement.dataset.root
  const dialog = document.createElement('dialog')
  dialog.className = 'search'
  dialog.setAttribute('aria-label', 'Search')
  dialog.innerHTML = `<form method="dialog">
    <input type="search" role="combobox" aria-label="Search lessons and glossary" placeholder="Search lessons and glossary"
      aria-controls="found" aria-expanded="false" aria-autocomplete="list" autocomplete="off" spellcheck="false">
    <ul id="found" role="listbox" aria-label="Found"></ul>
    <p class="told" role="status"></p></form>`
  document.body.append(dialog)
  const [input, list, told] = ['input', 'ul', '.told'].map((name) => dialog.querySelector(name))
  let chosen = 0

  function open() {
    if (dialog.open) return
    loadIndex()
    dialog.showModal()
    input.select()
  }

  /** The field keeps the keyboard until the next frame, and `/` would be typed into it. */
  function close() {
    dialog.close()
    input.blur()
  }

  /** When it is wanted first. A script, since a page on a disk may not fetch. */
  function loadIndex() {
    if (document.getElementById('search-index')) return
    const script = document.createElement('script')
    script.id = 'search-index'
    script.src = `${root}assets/search-index.js`
    script.addEventListener('load', show)
    document.head.append(script)
  }

  function show() {
    const words = fold(input.value).split(/\s+/).filter(Boolean)
    const found = words.length > 0 ? find(words) : []
    list.replaceChildren(...found.map((entry, n) => option(entry, n, words)))
    input.setAttribute('aria-expanded', String(found.length > 0))
    told.textContent = words.length === 0 ? '' : found.length === 0 ? 'Nothing found' : `${found.length} found`
    choose(0)
  }

  function find(words) {
    return (globalThis.boxwrightSearch ?? [])
      .map((entry) => ({ ...entry, score: score(entry, words) }))
      .filter((entry) => entry.score > 0)
      .sort((one, other) => other.score - one.score)
      .slice(0, 12)
  }

  /** Every word has to be there; in a title it counts for more, and at a word's beginning. */
  function score({ title, text }, words) {
    const scores = words.map((word) => 20 * weight(fold(title), word) + weight(fold(text), word))
    return scores.includes(0) ? 0 : scores.reduce((sum, one) => sum + one, 0)
  }

  function weight(text, word) {
    const at = text.indexOf(word)
    if (at < 0) return 0
    if (text === word) return 4
    return at === 0 || /\W/.test(text[at - 1]) ? 2 : 1
  }

  function option({ place, title, href, text }, n, words) {
    const item = document.createElement('li')
    item.id = `found-${n}`
    item.setAttribute('role', 'option')
    const link = document.createElement('a')
    link.href = root + href
    link.tabIndex = -1
    link.append(element('small', place), element('strong', title), snippet(text, words))
    item.append(link)
    item.addEventListener('pointermove', () => choose(n))
    link.addEventListener('click', close)
    return item
  }

  function snippet(text, words) {
    const places = words.map((word) => fold(text).indexOf(word)).filter((place) => place >= 0)
    const at = places.length > 0 ? Math.min(...places) : 0
    const from = Math.max(0, text.lastIndexOf(' ', Math.max(at - 40, 0)))
    const part = element('span', '')
    const shown = `${from > 0 ? '…' : ''}${text.slice(from, from + 140)}${text.length > from + 140 ? '…' : ''}`
    const pattern = new RegExp(`(${words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`, 'i')
    part.append(...shown.split(pattern).map((piece, n) => (n % 2 === 1 ? element('mark', piece) : piece)))
    return part
  }

  function element(name, text) {
    const made = document.createElement(name)
    made.textContent = text
    return made
  }

  function choose(n) {
    const options = [...list.children]
    chosen = Math.max(0, Math.min(n, options.length - 1))
    for (const [m, item] of options.entries()) item.setAttribute('aria-selected', String(m === chosen))
    if (options.length > 0) input.setAttribute('aria-activedescendant', `found-${chosen}`)
    else input.removeAttribute('aria-activedescendant')
    options[chosen]?.scrollIntoView({ block: 'nearest' })
  }

  const fold = (text) => text.toLowerCase()

  input.addEventListener('input', show)
  dialog.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) choose(chosen + step)
    // A field of this kind would be emptied first.
    else if (event.key === 'Escape') close()
    else if (event.key === 'Enter') list.children[chosen]?.querySelector('a').click()
    else return
    event.preventDefault()
  })
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) close()
  })
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target.closest('input, textarea, select, [contenteditable]')
    if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    open()
  })
  const button = document.getElementById('open-search')
  button.addEventListener('click', open)
  button.hidden = false
})
