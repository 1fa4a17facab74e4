/** distribution-spec, "Listing Tags". */
import { readJsonBody } from './http/body.ts'
import type { Repository } from './client.ts'
import { RegistryError } from './http/error.ts'
import { allPages, nextLink } from './link.ts'

// #region tags
/** @returns all of them, in the order of the registry. @throws RegistryError */
export function listTags(repository: Repository): Promise<string[]> {
  const doing = `list the tags of "${repository.title}"`
  return allPages((location) =>
    repository.read({ method: 'GET', path: 'tags/list', location, hopes: [200], doing }, async (answer) => {
      const { tags } = await readJsonBody(answer)
      if (!isTags(tags)) throw new RegistryError(`Cannot ${doing}: ${answer.url.host} has sent something that is none`)
      return { items: tags ?? [], next: nextLink(answer.headers['link'], answer.url) }
    }),
  )
}
// #endregion tags

/** Some say null of none. */
const isTags = (value: unknown): value is string[] | null | undefined =>
  value === null || value === undefined || (Array.isArray(value) && value.every((one) => typeof one === 'string'))
