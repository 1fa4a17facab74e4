/** What a root file system is made of, before it is anybody's: containerd's `Mount`. config.json has no place for it, as its root is a directory. */

/** As in a spec, mount(8). Those with a `target` come first, each a place that a later one stands on; the one without is the root itself. */
export interface RootMount {
  type: string
  source: string
  target?: string
  options: string[]
}
