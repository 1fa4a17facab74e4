/** Root of a user namespace is somebody else outside, and has to get to the root file system as that one. path_resolution(7). */
import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Spec } from '../../oci/spec.ts'
import { Complaint } from '../complaint.ts'

/** Our launcher opens it as root before. @throws Complaint naming the directory that stops another runtime. */
export function requireReach({ root, linux }: Spec, peer: string): void {
  const closed = linux.namespaces.some(({ type }) => type === 'user') ? firstClosed(root.path) : undefined
  if (closed !== undefined)
    throw new Complaint(
      `Cannot compare with ${peer}: "${closed}" is closed to others, and in its user namespace ${peer} is one of them\n  Open it: chmod o+x ${closed}`,
    )
}

function firstClosed(path: string): string | undefined {
  const above = path === '/' ? undefined : firstClosed(dirname(path))
  return above ?? ((statSync(path).mode & 0o001) === 0 ? path : undefined)
}
