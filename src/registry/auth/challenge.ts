/**
 * `WWW-Authenticate`, RFC 9110 §11.6.1: a list of challenges with commas between them, each of which is a list of parameters with commas between
 * them. Which comma is which shows only in what follows it.
 */

export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  scheme: string
  /** Names in lower case. */
  parameters: Readonly<Record<string, string>>
}

// #region challenge
/** `Bearer realm="https://auth.example/token",service="s", Basic realm=x` → two of them. What is none is left out. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = []
  let rest = header
  for (;;) {
    rest = rest.replace(/^[\s,]+/, '')
    const parameter = PARAMETER.exec(rest)
    const scheme = parameter ? undefined : SCHEME.exec(rest)
    const found = parameter ?? scheme
    if (!found) return challenges
    if (scheme) challenges.push({ scheme: lower(scheme[1]), parameters: {} })
    const last = challenges.at(-1)
    if (parameter && last) last.parameters[lower(parameter[1])] ??= unquote(parameter)
    rest = rest.slice(found[0].length)
  }
}
// #endregion challenge

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
/** The value is a token or a quoted string, in which a backslash takes the meaning of the next character away. */
const PARAMETER = new RegExp(`^(${TOKEN})\\s*=\\s*(?:(${TOKEN})|"((?:[^"\\\\]|\\\\.)*)")\\s*(?=,|$)`, 's')
/** With token68, as Negotiate has it, which means nothing to us. */
const SCHEME = new RegExp(`^(${TOKEN})(?:\\s+[0-9A-Za-z._~+/-]+=*\\s*(?=,|$))?`)

const unquote = ([, , token, quoted]: RegExpExecArray): string => token ?? (quoted ?? '').replace(/\\(.)/gs, '$1')

const lower = (text = ''): string => text.toLowerCase()
