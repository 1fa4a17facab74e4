/** `Link: </v2/app/tags/list?n=2&last=b>; rel="next"`: where a list goes on. RFC 8288 §3. */
import { RegistryError } from './http/error.ts'

// #region next
/** @returns nothing at the end of the list. */
export function nextLink(header: string | string[] | undefined, from: URL): URL | undefined {
  for (const [, target = '', parameters = ''] of [header ?? []].flat().join(', ').matchAll(LINK))
    if (/;\s*rel\s*=\s*(?:next\b|"(?:[^"]*\s)?next(?:\s[^"]*)?")/i.test(parameters)) return new URL(target, from)
  return undefined
}
// #endregion next

const LINK = /<([^>]*)>((?:\s*;\s*[^\s=;,]+\s*(?:=\s*(?:"[^"]*"|[^\s;,]*))?)*)/g

/** Pages of a list, and no more than anybody has. */
const MOST_PAGES = 10_000

// #region pages
/** @param page reads one, and says where the next is. @throws RegistryError of a list that comes back to where it has been. */
export async function allPages<T>(
  page: (at: URL | undefined) => Promise<{ items: T[]; next: URL | undefined }>,
): Promise<T[]> {
  const all: T[] = []
  const seen = new Set<string>()
  for (let at: URL | undefined; ;) {
    const { items, next } = await page(at)
    for (const item of items) all.push(item)
    if (next === undefined) return all
    if (seen.has(next.href) || seen.size >= MOST_PAGES)
      throw new RegistryError(`Cannot read a list of ${next.host}: it goes on at ${next.href}, and never ends`)
    seen.add(next.href)
    at = next
  }
}
// #endregion pages
