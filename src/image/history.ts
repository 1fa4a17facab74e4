/** How an image was made: image-spec config.md §history. Steps that changed no file have no layer. */
import type { Descriptor } from '../oci/descriptor.ts'
import type { Resolved } from './find.ts'

export interface Step {
  created?: string
  by: string
  comment: string
  /** Of the layer, as it is sent. */
  size: number
  layer?: Descriptor
}

// #region history
/** The first step first. Layers that nobody has told anything of come last. */
export function historyOf({ manifest, config: { history = [] } }: Resolved): Step[] {
  const layers = [...manifest.layers]
  const told = history.map(({ created, created_by: by = '', comment = '', empty_layer: empty = false }): Step => {
    const layer = empty ? undefined : layers.shift()
    return { by, comment, size: layer?.size ?? 0, ...(created !== undefined && { created }), ...(layer && { layer }) }
  })
  return [...told, ...layers.map((layer): Step => ({ by: '', comment: '', size: layer.size, layer }))]
}
// #endregion history
