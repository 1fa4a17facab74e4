/**
 * Options as Go's `flag` package reads them, since whoever drives runC writes them so: `-name` and `--name`, a value as the next word or behind a `=`,
 * and nothing is run together.
 */
import { Complaint } from '../../workshop/complaint.ts'
import { keep, truth, type Given, type Option, type Options, type Read, type Values } from '../options/option.ts'

/** `first`: at the first word that is no option they end, since what follows is another program's. `anywhere`: runC's other commands. */
export type Extent = 'first' | 'anywhere'

/** @param program as the user has called it. @throws Complaint, naming the word. */
export function readOptions<O extends Options>(
  options: O,
  argv: readonly string[],
  extent: Extent,
  program: string,
): Read<O> {
  const given: Values = {}
  const words: string[] = []
  for (let n = 0; n < argv.length; n += 1) {
    const word = argv[n] ?? ''
    if (word === '--') return { given: given as Given<O>, words: [...words, ...argv.slice(n + 1)] }
    const [name, behind] = split(word)
    const option = name === undefined ? undefined : optionNamed(options, name)
    if (option === undefined) {
      if (name !== undefined && words.length === 0) throw unknown(word, program)
      if (extent === 'first') return { given: given as Given<O>, words: argv.slice(n) }
      words.push(word)
    } else if (option.value === undefined) given[option.name] = truth(word, behind ?? 'true', BOOLEANS)
    else keep(given, option.name, option, behind ?? argv[(n += 1)], word, program)
  }
  return { given: given as Given<O>, words }
}

/** `--name=value`, `-n`; a lone `-` is a word like any other. */
function split(word: string): [name?: string, behind?: string] {
  const [, name, behind] = /^--?(.+?)(?:=(.*))?$/s.exec(word) ?? []
  return name === undefined ? [] : behind === undefined ? [name] : [name, behind]
}

function optionNamed(options: Options, name: string): (Option & { name: string }) | undefined {
  const found = Object.entries(options).find(([long, { short }]) => long === name || short === name)
  return found && { ...found[1], name: found[0] }
}

/** As strconv.ParseBool has them. */
const BOOLEANS = [
  ['1', 't', 'T', 'true', 'TRUE', 'True'],
  ['0', 'f', 'F', 'false', 'FALSE', 'False'],
] as const

const unknown = (word: string, program: string): Complaint =>
  new Complaint(`Cannot read "${word}": ${program} has no such option\n  See: ${program} --help`)
