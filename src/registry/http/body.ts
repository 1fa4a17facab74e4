/** Bodies of answers that are read whole: never more of them than was said beforehand. */
import { RegistryError } from './error.ts'
import { parseRetryAfter } from './retry.ts'
import type { Answer } from './transport.ts'

/** Enough for any list of errors, tags or a token. */
export const MOST_OF_JSON = 4 * 2 ** 20

// #region body
/** @throws RegistryError of one byte too many: the rest is not waited for. */
export async function readBody({ body, url, headers }: Answer, most: number): Promise<Buffer> {
  const tooLong = (): RegistryError => {
    body.destroy()
    return new RegistryError(`Cannot read what ${url.host} has at ${url.pathname}: it has more than ${most} bytes`)
  }
  if (Number(headers['content-length']) > most) throw tooLong()
  return gathered(body, most, tooLong)
}

/** @throws what `tooLong` makes, at the first byte too many. */
export async function gathered(body: AsyncIterable<Buffer>, most: number, tooLong: () => Error): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > most) throw tooLong()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
// #endregion body

/** @returns an object, whose fields nobody has vouched for. @throws RegistryError of anything else. */
export async function readJsonBody(answer: Answer): Promise<Record<string, unknown>> {
  const text = (await readBody(answer, MOST_OF_JSON)).toString()
  try {
    const value = JSON.parse(text) as unknown
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // said below
  }
  throw new RegistryError(
    `Cannot read what ${answer.url.host} has at ${answer.url.pathname}: it is no JSON: ${start(text)}`,
  )
}

const start = (text: string): string => JSON.stringify(text.slice(0, 80))

/** @param doing for people: `pull "registry.example/app"`. @returns what a registry has refused, in its own words where it has any. */
export async function refusal(answer: Answer, doing: string): Promise<RegistryError> {
  const { status, url, headers } = answer
  const errors = await errorsIn(answer)
  const said = errors.map(({ code, message }) => [code, message].filter(Boolean).join(': ')).join('; ')
  return new RegistryError(
    `Cannot ${doing}: ${url.host} says ${status}${said && `, ${printable(said)}`}${remedy(status)}`,
    {
      status,
      reason: errors[0]?.code,
      retryAfter: parseRetryAfter(headers['retry-after']),
    },
  )
}

/** It goes to somebody's terminal. */
const printable = (text: string): string => text.slice(0, 500).replace(/[\p{Cc}\p{Cf}]+/gu, ' ')

const remedy = (status: number): string =>
  status === 401 || status === 403
    ? '\n  Log in there (docker login, podman login), or ask whoever owns it for the right to do that'
    : ''

interface SpokenError {
  code?: string
  message?: string
}

/** A page of HTML, or a body that ends too early, is as good as none. */
async function errorsIn(answer: Answer): Promise<SpokenError[]> {
  try {
    const { errors, details } = await readJsonBody(answer)
    const list = Array.isArray(errors)
      ? (errors as unknown[])
      : typeof details === 'string'
        ? [{ message: details }]
        : []
    return list.filter((one): one is SpokenError => typeof one === 'object' && one !== null).map(words)
  } catch {
    return []
  }
}

const words = ({ code, message }: SpokenError): SpokenError => ({
  ...(typeof code === 'string' && { code }),
  ...(typeof message === 'string' && { message }),
})
