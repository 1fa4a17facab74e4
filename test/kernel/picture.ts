/** Says what a tree looks like: `node picture.ts DIRECTORY`, in whichever mount namespace it is there. */
import { pictureOf } from './layer-world.ts'

process.stdout.write(JSON.stringify(pictureOf(process.argv[2] ?? '')))
