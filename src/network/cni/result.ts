/** What plugins answer, in whichever version, as version 1.0.0 writes it. */
import { CniError, ERRORS, type Result } from './spec.ts'

/** Versions before 1.0.0 said of each address which protocol's it is: `version: "4"`. One sees that. */
type OldIp = NonNullable<Result['ips']>[number] & { version?: string }

// #region result
/** @throws CniError when it is no result. */
export function parseResult(answer: unknown): Result {
  const { cniVersion, interfaces, ips, routes, dns } = (answer ?? {}) as Partial<Result>
  if (typeof cniVersion !== 'string' || ![interfaces, ips, routes].every(isList))
    throw new CniError(
      ERRORS.decodeFailure,
      `Cannot read a CNI result: ${answer === undefined ? 'nothing' : JSON.stringify(answer).slice(0, 200)}`,
    )
  return {
    cniVersion,
    ...(interfaces && { interfaces }),
    ...(ips && { ips: ips.map(({ version: _, ...ip }: OldIp) => ip) }),
    ...(routes && { routes }),
    ...(dns && { dns }),
  }
}

/** As that version has it, for plugins that are told a result of before. */
export function resultFor(cniVersion: string, result: Result): Result {
  const { ips = [] } = result
  const old = ips.map((ip) => ({ version: ip.address.includes(':') ? '6' : '4', ...ip }))
  return { ...result, cniVersion, ips: cniVersion.startsWith('0.') ? old : ips }
}
// #endregion result

const isList = (value: unknown): boolean => value === undefined || value === null || Array.isArray(value)
