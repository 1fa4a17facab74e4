/** HTML by template: words that come in are escaped, and only what was made here goes in as it is. */

export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(): string {
    return this.text
  }
}

export type Value = Markup | string | number | false | undefined | readonly Value[]

export const markup = (strings: TemplateStringsArray, ...values: readonly Value[]): Markup =>
  new Markup(strings.map((text, n) => text + written(values[n])).join(''))

function written(value: Value): string {
  if (value === undefined || value === false) return ''
  if (value instanceof Markup) return value.text
  return Array.isArray(value) ? value.map(written).join('') : escape(String(value))
}

/** Text that may be wider than a phone: it scrolls, and whoever has no mouse can get into it. */
export const scroll = (label: string, content: Value): Markup =>
  markup`<pre tabindex="0" role="group" aria-label="${label}">${content}</pre>`

export const escape = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** What a heading or a file is called in an address. */
export const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/<[^>]+>/g, '')
    .replace(/[^\p{L}\p{N}_]+/gu, '-')
    .replace(/^-|-$/g, '')
