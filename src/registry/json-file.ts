/** Files of other programs, in JSON: one that is not there, or has nothing in it, says nothing. */
import { readOrEmpty } from '../kernel/file.ts'
import { RegistryError } from './http/error.ts'

/** @param complaint what to say of a file that is no JSON, from what the parser says. @throws RegistryError */
export function readJsonFile<T extends object>(path: string, complaint: (why: string) => string): Partial<T> {
  const text = readOrEmpty(path)
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text) as Partial<T>
  } catch (cause) {
    throw new RegistryError(complaint((cause as Error).message), { cause })
  }
}
