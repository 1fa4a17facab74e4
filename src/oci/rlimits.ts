/** The limits that a process can have: getrlimit(2). Their names are those of the OCI; on a command line they go without RLIMIT_, as Docker's. */
export const TYPES = [
  ...([
    'RLIMIT_CPU',
    'RLIMIT_FSIZE',
    'RLIMIT_DATA',
    'RLIMIT_STACK',
    'RLIMIT_CORE',
    'RLIMIT_RSS',
    'RLIMIT_NPROC',
  ] as const),
  ...([
    'RLIMIT_NOFILE',
    'RLIMIT_MEMLOCK',
    'RLIMIT_AS',
    'RLIMIT_LOCKS',
    'RLIMIT_SIGPENDING',
    'RLIMIT_MSGQUEUE',
  ] as const),
  ...(['RLIMIT_NICE', 'RLIMIT_RTPRIO', 'RLIMIT_RTTIME'] as const),
] as const

/** getrlimit(2); -1 is no limit. */
export interface Rlimit {
  type: (typeof TYPES)[number]
  soft: bigint
  hard: bigint
}

// #region rlimit
/** `nofile=1024:4096` → soft and hard; one number is both, -1 is no limit. @throws RangeError naming the value. */
export function parseRlimit(text: string): Rlimit {
  const [, name, soft = '', hard = soft] = /^(\w+)=(-1|\d+)(?::(-1|\d+))?$/.exec(text) ?? []
  if (name === undefined) throw refuse(text, 'it is not a name and a limit')
  const type = TYPES.find((one) => one === `RLIMIT_${name.toUpperCase()}`)
  if (type === undefined) throw refuse(text, `there is no limit of the name "${name}"`)
  const [lower, upper] = [BigInt(soft), BigInt(hard)]
  if (upper !== -1n && (lower === -1n || lower > upper)) throw refuse(text, 'the first is above the second')
  if (lower >= MOST || upper >= MOST)
    throw refuse(text, 'that is more than the kernel can count: write -1 for no limit')
  return { type, soft: lower, hard: upper }
}
// #endregion rlimit

const MOST = 1n << 63n

const refuse = (text: string, fact: string): RangeError =>
  new RangeError(
    `Cannot set ulimit "${text}": ${fact}\n  Write a name, where it is warned and the most: nofile=1024:4096`,
  )
