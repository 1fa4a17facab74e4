/** The plugins that Boxwright has itself, by the names under which others have them. `boxwright-nat` no other has. */
import { bridge } from './bridge.ts'
import { hostLocal } from './host-local.ts'
import { loopback } from './loopback.ts'
import type { Plugin } from './plugin.ts'
import { nat, portmap } from './portmap.ts'

export const plugins: Readonly<Record<string, Plugin>> = {
  bridge,
  loopback,
  portmap,
  'host-local': hostLocal,
  'boxwright-nat': nat,
}
