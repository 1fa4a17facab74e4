/** distribution-spec, "Listing Tags". */
import type { Call } from './call.ts'
import { Refusal, type Reply } from './refusal.ts'

// #region tags
/** `n` tags after `last`, and where it goes on. */
export function listTags({ repositories, name, query }: Call): Reply {
  if (!repositories.has(name)) throw new Refusal('NAME_UNKNOWN', name)
  const last = query.get('last') ?? ''
  const after = repositories.tags(name).filter((tag) => tag > last)
  const n = /^\d+$/.test(query.get('n') ?? '') ? Number(query.get('n')) : after.length
  const tags = after.slice(0, n)
  const next = `/v2/${name}/tags/list?n=${n}&last=${tags.at(-1) ?? ''}`
  return {
    status: 200,
    headers: {
      'content-type': 'application/json',
      ...(n > 0 && n < after.length && { link: `<${next}>; rel="next"` }),
    },
    body: JSON.stringify({ name, tags }),
  }
}
// #endregion tags
