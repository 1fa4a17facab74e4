/** What a box may, unless somebody asks for more or for less. */
import { CAPABILITIES, type Capability } from '../kernel/capabilities.ts'
import type { Capabilities } from './spec.ts'

// #region default
/**
 * Docker's fourteen, but for CAP_NET_RAW: with it a box speaks for others on
 * the bridge (ARP), and nothing needs it but an old ping.
 */
const DEFAULT: readonly Capability[] = [
  ...(['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FSETID', 'CAP_FOWNER'] as const),
  ...(['CAP_MKNOD', 'CAP_SETGID', 'CAP_SETUID', 'CAP_SETFCAP'] as const),
  ...(['CAP_SETPCAP', 'CAP_NET_BIND_SERVICE', 'CAP_SYS_CHROOT'] as const),
  ...(['CAP_KILL', 'CAP_AUDIT_WRITE'] as const),
]
// #endregion default

// #region chosen
/** As Docker's --cap-add and --cap-drop: ALL is all, and names go without their CAP_. @throws RangeError naming what is no capability. */
export function chosenCapabilities(add: readonly string[] = [], drop: readonly string[] = []): Capability[] {
  const [all, none] = [add, drop].map((words) => words.some((word) => word.toUpperCase() === 'ALL'))
  const [added, dropped] = [add, drop].map((words) => words.filter((word) => word.toUpperCase() !== 'ALL').map(named))
  const kept = none ? [] : (all ? CAPABILITIES : DEFAULT).filter((name) => !dropped?.includes(name))
  return CAPABILITIES.filter((name) => kept.includes(name) || added?.includes(name))
}
// #endregion chosen

function named(word: string): Capability {
  const found = CAPABILITIES.find((name) => [name, name.slice('CAP_'.length)].includes(word.toUpperCase()))
  if (found !== undefined) return found
  throw new RangeError(
    `Cannot give or take the capability "${word}": there is none of that name\n  See: man 7 capabilities`,
  )
}

// #region sets
/** Root's sets. None is inheritable, since what is would come back with the files of an image that ask for it (CVE-2022-24769). */
export const capabilitySets = (names: readonly Capability[]): Capabilities => ({
  bounding: names,
  effective: names,
  permitted: names,
  inheritable: [],
  ambient: [],
})
// #endregion sets
