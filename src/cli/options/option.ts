/** Options as tables: what there is says one, and from it come whoever reads them, the types of what was given, and the help. */
import { Complaint } from '../../workshop/complaint.ts'

export interface Option {
  short?: string
  /** What its value is called in the help. An option without one is true or false. */
  value?: string
  /** May be given more than once. */
  list?: true
  about: string
}

export type Options = Readonly<Record<string, Option>>

/** What was given, by the options' names: those that were not are not there. */
export type Given<O extends Options> = {
  [Name in keyof O]?: O[Name] extends { list: true } ? string[] : O[Name] extends { value: string } ? string : boolean
}

export interface Read<O extends Options> {
  given: Given<O>
  words: string[]
}

/** Of a command, in the list of them; its file is read when it is wanted. */
export interface Listed<Command> {
  about: string
  load: () => Promise<Command>
}

/** While they are read. */
export type Values = Record<string, string | string[] | boolean>

/** @param text none where the command line has ended. @param word as it was written. @throws Complaint */
export function keep(
  given: Values,
  name: string,
  option: Option,
  text: string | undefined,
  word: string,
  program: string,
): void {
  if (text === undefined)
    throw new Complaint(`Cannot read "${word}": its ${option.value} is missing\n  See: ${program} --help`)
  given[name] = option.list ? [...((given[name] as string[] | undefined) ?? []), text] : text
}

/** @param known what stands for true, and for false. @throws Complaint */
export function truth(
  word: string,
  text: string,
  [yes, no]: readonly [yes: readonly string[], no: readonly string[]],
): boolean {
  if (yes.includes(text) || no.includes(text)) return yes.includes(text)
  throw new Complaint(`Cannot read "${word}": it is neither true nor false\n  Leave out the "=${text}"`)
}
