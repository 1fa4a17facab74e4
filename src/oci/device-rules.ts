/** Which devices a container may open or make: runtime-spec config-linux.md §allowed-device-list. */
import type { DeviceRule } from './resources.ts'
import type { Device } from './spec.ts'

// #region rules
/** Terminals: the box's own ends of pseudo-terminals, the multiplexer that makes them, and a console, which is one of them bound there. */
const TERMINALS: [major: number, minor?: number][] = [[5, 1], [5, 2], [136]]

/** Those that the box has, and terminals. Docker lets a box make any device, and open few of them; here it may not make others either. */
export const deviceRules = (devices: readonly Device[]): DeviceRule[] => [
  { allow: false, access: 'rwm' },
  ...devices.map(({ major, minor, access = 'rwm' }) => ({ allow: true, type: 'c' as const, major, minor, access })),
  ...TERMINALS.map(([major, minor]) => ({
    allow: true,
    type: 'c' as const,
    major,
    ...(minor !== undefined && { minor }),
    access: 'rw',
  })),
]
// #endregion rules
