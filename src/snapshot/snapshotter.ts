/**
 * Lesson 11. File systems that are made of layers, kept by name. The interface is containerd's: a snapshot is *active* while it is written, *committed* when
 * others may stand on it, a *view* when it is only looked at. Nothing is mounted here: mounts are data, and whoever makes a box has them mounted in it.
 */
import type { RootMount } from '../oci/root-mount.ts'

// #region snapshotter
export interface Snapshotter {
  stat(key: string): Info
  /** Labels alone can be changed. An empty one goes. */
  update(key: string, labels: Readonly<Record<string, string>>): Info
  usage(key: string): Usage
  /** Of an active snapshot or a view. */
  mounts(key: string): RootMount[]
  prepare(key: string, parent?: string, labels?: Info['labels']): RootMount[]
  view(key: string, parent?: string, labels?: Info['labels']): RootMount[]
  /** The active snapshot is a committed one from here on, by another name. */
  commit(name: string, key: string, labels?: Info['labels']): void
  remove(key: string): void
  walk(): Iterable<Info>
  /** Takes away what no snapshot owns: somebody was killed. */
  cleanup(): void
  close(): void
}

export type Kind = 'view' | 'active' | 'committed'

export interface Info {
  kind: Kind
  name: string
  parent?: string
  labels: Readonly<Record<string, string>>
  /** ISO 8601. */
  created: string
  updated: string
}

/** What a snapshot adds to its parent: bytes on the disk, and files. */
export interface Usage {
  size: number
  inodes: number
}
// #endregion snapshotter

// #region fault
export type SnapshotFault = 'not-found' | 'already-exists' | 'failed-precondition'

/** Something is asked of a snapshot that can't be: which of containerd's reasons it is decides what a caller does next. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError'
  readonly fault: SnapshotFault

  constructor(fault: SnapshotFault, message: string) {
    super(message)
    this.fault = fault
  }
}

export const isFault = (error: unknown, fault: SnapshotFault): boolean =>
  error instanceof SnapshotError && error.fault === fault
// #endregion fault
