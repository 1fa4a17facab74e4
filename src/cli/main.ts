/** `boxwright`: the one command. What images need is loaded without the lessons, and the lessons without that. */
import { complain } from './complain.ts'
import { isAboutImages } from './image/verbs.ts'

// #region main
async function main(argv: readonly string[]): Promise<number> {
  const [verb, word] = argv
  if (isAboutImages(verb)) return (await import('./image/main.ts')).imageMain(argv)
  if (verb === 'cni') return (await import('./cni-command.ts')).cniCommand(word)
  return (await import('./lessons-main.ts')).lessonsMain(argv)
}
// #endregion main

main(process.argv.slice(2)).then((status) => process.exit(status), complain)
