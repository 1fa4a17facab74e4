/**
 * Command lines as Docker's are: `--name value`, `--name=value`, `-n value`, `-nvalue`, and letters that want no value in one word, `-it`. Where what
 * follows is another program's, options end at the first word that is none.
 */
import { keep, truth, type Given, type Option, type Options, type Read, type Values } from '../options/option.ts'
import { nearest } from './nearest.ts'
import { Complaint } from '../../workshop/complaint.ts'

// #region read
/** @param program as the user has called it. @param first whether the first word ends the options. @throws Complaint, naming the word. */
export function readWords<O extends Options>(
  options: O,
  argv: readonly string[],
  program: string,
  first = false,
): Read<O> {
  const reader = new Reader(options, argv, program)
  const words: string[] = []
  for (let word = reader.next(); word !== undefined; word = reader.next()) {
    if (word === '--') return reader.done([...words, ...reader.rest()])
    if (word.startsWith('--')) reader.long(word)
    else if (word.startsWith('-') && word !== '-') reader.letters(word)
    else if (first) return reader.done([word, ...reader.rest()])
    else words.push(word)
  }
  return reader.done(words)
}
// #endregion read

class Reader<O extends Options> {
  readonly #given: Values = {}
  readonly #options: O
  readonly #argv: readonly string[]
  readonly #program: string
  #at = 0

  constructor(options: O, argv: readonly string[], program: string) {
    this.#options = options
    this.#argv = argv
    this.#program = program
  }

  next(): string | undefined {
    return this.#argv[this.#at++]
  }

  rest(): string[] {
    return this.#argv.slice(this.#at)
  }

  done(words: string[]): Read<O> {
    return { given: this.#given as Given<O>, words }
  }

  long(word: string): void {
    const [, name = '', , value] = /^--([^=]*)(=(.*))?$/s.exec(word) ?? []
    const option = Object.hasOwn(this.#options, name) ? this.#options[name] : undefined
    if (!option) throw this.#unknown(word, `--${name}`)
    this.#take(name, option, word, value)
  }

  /** `-it`, `-e NAME=value`, `-eNAME=value`. */
  letters(word: string): void {
    for (let n = 1; n < word.length; n += 1) {
      const [name, option] = Object.entries(this.#options).find(([, { short }]) => short === word[n]) ?? []
      if (name === undefined || !option) throw this.#unknown(word, `-${word[n]}`)
      if (option.value === undefined) this.#take(name, option, word, undefined)
      else {
        this.#take(name, option, word, word.slice(n + 1).replace(/^=/, '') || undefined)
        return
      }
    }
  }

  #take(name: string, option: Option, word: string, given: string | undefined): void {
    if (option.value === undefined) this.#given[name] = truth(word, given ?? 'true', [['true'], ['false']])
    else keep(this.#given, name, option, given ?? this.next(), word, this.#program)
  }

  #unknown(word: string, name: string): Complaint {
    const known = Object.entries(this.#options).flatMap(([long, { short }]) => [
      `--${long}`,
      ...(short ? [`-${short}`] : []),
    ])
    const meant = name.startsWith('--') ? nearest(name, known) : undefined
    return new Complaint(
      `Cannot read "${word}": ${this.#program} has no option ${name}\n  ${meant === undefined ? `See: ${this.#program} --help` : `Did you mean ${meant}?`}`,
    )
  }
}
