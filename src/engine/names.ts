/** The names that a container of an image knows: files of its own, made outside of its root file system and bound (CVE-2025-24965). */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readOrEmpty } from '../kernel/file.ts'
import { readResolver } from '../kernel/resolver.ts'
import { hostsLine, hostsLines, nameserverLine, type NetworkWish } from '../oci/network.ts'
import type { Mount } from '../oci/spec.ts'

// #region names
/** @param given what somebody has mounted there himself stays. */
export function ownNames(
  directory: string,
  hostname: string,
  wish: Partial<NetworkWish>,
  given: readonly Mount[],
): Mount[] {
  const files: Record<string, string> = {
    hosts: hosts(hostname, wish),
    hostname: lines([hostname]),
    'resolv.conf': resolver(wish),
  }
  return Object.entries(files).flatMap(([name, text]): Mount[] => {
    const [source, destination] = [join(directory, name), `/etc/${name}`]
    if (given.some((mount) => mount.destination === destination)) return []
    writeFileSync(source, text, { mode: 0o644 })
    return [{ destination, type: 'bind', source, options: ['rbind', 'rprivate', 'rw'] }]
  })
}
// #endregion names

const hosts = (hostname: string, { network = 'none', hosts: more = [] }: Partial<NetworkWish>): string =>
  network === 'host' ? `${readOrEmpty('/etc/hosts')}${lines(more.map(hostsLine))}` : lines(hostsLines(hostname, more))

const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('')

/** systemd's stub listens on 127.0.0.53, where a network of its own has nobody: systemd-resolved.service(8). */
function resolver({ network = 'none', nameservers = [] }: Partial<NetworkWish>): string {
  if (nameservers.length > 0) return lines(nameservers.map(nameserverLine))
  if (network === 'none') return ''
  if (network === 'host') return readOrEmpty('/etc/resolv.conf')
  return lines(readResolver())
}
