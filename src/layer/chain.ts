/**
 * A layer's tree depends on all layers below it. What names the tree is made of what names the layers: image-spec, config.md §layer-chainid.
 */
import { digestOf, type Digest } from '../oci/digest.ts'

// #region chain
/** @param diffIds the lowest first. @returns for each, the name of the tree that it and all below it make. */
export function chainIds(diffIds: readonly Digest[]): Digest[] {
  const chain: Digest[] = []
  for (const diffId of diffIds) {
    const below = chain.at(-1)
    chain.push(below === undefined ? diffId : digestOf(Buffer.from(`${below} ${diffId}`)))
  }
  return chain
}
// #endregion chain
