/** `boxwright` in Bun: the commands about images that are over soonest. Which they are native/front/boxwright.c says. */
import { complain } from './complain.ts'
import { imageMain } from './image/main.ts'

imageMain(process.argv.slice(2)).then((status) => process.exit(status), complain)
