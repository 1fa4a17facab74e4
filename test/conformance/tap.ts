/**
 * What a program of the suite says, in the Test Anything Protocol, and how it ended, made one verdict. Some of it is told in no assertion at all: the
 * programs about hooks promise none (`1..0`), end with 0, and complain in a block of YAML. A line that is not clean is kept in words.
 */

export interface Verdict {
  ok: number
  notOk: number
  skipped: number
  /** What is not as it has to be, a line each; the program is clean when there is none. */
  unclean: string[]
}

export interface Ended {
  stdout: string
  stderr: string
  /** As a shell tells it; 124 when its time was up: timeout(1). */
  status: number
}

export function verdict({ stdout, stderr, status }: Ended): Verdict {
  const streams = stdout.split(/^TAP version 13$/m).slice(1)
  const assertions = streams.flatMap((stream) => stream.match(/^(?:not )?ok \d.*$/gm) ?? [])
  const failed = assertions.filter((line) => line.startsWith('not'))
  const skipped = assertions.filter((line) => /^ok \d+ # SKIP/.test(line))
  const unclean = [...failed.map(description), ...streams.flatMap(complaints), ...ending(status, stderr)]
  return {
    ok: assertions.length - failed.length - skipped.length,
    notOk: failed.length,
    skipped: skipped.length,
    unclean: unclean.map((line) => line + lacking(stderr)),
  }
}

/** What view.sh could not give the program: a line that is not clean may be so for want of it. */
function lacking(stderr: string): string {
  const controllers = [...stderr.matchAll(/^view: no (\w+)$/gm)].map(([, controller]) => controller)
  return controllers.length === 0 ? '' : ` (without the controllers ${controllers.join(', ')})`
}

const description = (line: string): string => line.replace(/^not ok \d+( - )?/, '')

function complaints(stream: string): string[] {
  const assertions = stream.match(/^(not )?ok \d/gm)?.length ?? 0
  const plans = stream.match(/^1\.\.\d+$/gm) ?? []
  if (plans.length === 0) return [`no plan after ${assertions} assertions`]
  if (plans.some((plan) => plan !== `1..${assertions}`)) return [`${plans.join(' and ')}, and ${assertions} assertions`]
  return assertions === 0 ? (stream.match(/^ +---\n[^]*?^ +\.\.\.$/gm) ?? []).map(complaint) : []
}

/** The first line of its `error`: what follows is where the specification has it. */
function complaint(block: string): string {
  const { error = '', stderr = '' } = JSON.parse(block.replace(/^ +(---|\.\.\.)$/gm, '')) as Record<string, string>
  return [error.split('\n')[0], stderr.trim().replace(/\s*\n\s*/g, '; ')].filter(Boolean).join(': ')
}

const ending = (status: number, stderr: string): string[] =>
  status === 0 ? [] : [`ended with ${status}: ${lastWords(stderr)}`]

/** Go says of a command that it ended with 1; what the command said of it is the line before. runC says it in a log's line. */
function lastWords(stderr: string): string {
  const words = stderr
    .split('\n')
    .filter((line) => line !== '' && !/^(exit status \d+|Refer to: .*|view: no \w+)$/.test(line))
  const last = words.at(-1) ?? 'no word'
  return /msg=(".*")$/.exec(last)?.[1]?.replace(/^"|"$|\\(?=")/g, '') ?? last
}
