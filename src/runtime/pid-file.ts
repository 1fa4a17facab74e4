import { replaceFile } from '../kernel/file.ts'

/** For whoever has asked, who need not be root. */
export function writePidFile(path: string | undefined, pid: number): void {
  if (path !== undefined) replaceFile(path, String(pid), 0o666)
}
