/** Words of ours, on standard error. Not through Node's streams, which would leave the terminal that the box has inherited non-blocking. */
import { writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import { styleText } from 'node:util'

export const say = (text: string): void => void writeSync(2, `${colour('yellow', 'boxwright:')} ${text}\n`)

export const colour = (format: Parameters<typeof styleText>[0], text: string): string =>
  isColoured() ? styleText(format, text, { validateStream: false }) : text

/** Never into a file or a pipe, nor where NO_COLOR says so. */
const isColoured = (): boolean => !process.env['NO_COLOR'] && isatty(1) && isatty(2)
