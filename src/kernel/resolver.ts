/** Whom this machine asks for names: resolv.conf(5). */
import { readOrEmpty } from './file.ts'

/** systemd's stub listens on 127.0.0.53; whom it asks itself is written in its own file: systemd-resolved.service(8). */
const FILES = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf']

// #region resolver
/** @param texts of the files, the first first. @returns the lines of the first that names somebody else than this machine. */
export function readResolver(texts = FILES.map(readOrEmpty)): string[] {
  const all = texts.map((text) => text.split('\n').map((line) => line.trim()))
  const usable = all.find((lines) => lines.some(isElsewhere)) ?? []
  return usable.filter((line) => isElsewhere(line) || /^(search|domain|options)\s/.test(line))
}
// #endregion resolver

const isElsewhere = (line: string): boolean => /^nameserver\s/.test(line) && !/^nameserver\s+(127\.|::1\b)/.test(line)
