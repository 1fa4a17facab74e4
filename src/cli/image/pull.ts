import { pullImage } from '../../image/pull.ts'
import { openStores } from '../../image/stores.ts'
import { parsePlatform } from '../../oci/platform-name.ts'
import { print } from '../../workshop/print.ts'
import { command } from './command.ts'
import { sayLeftOut } from './left-out.ts'
import { progress, PROGRESS } from './progress.ts'

// ts-unused-exports:disable-next-line
export const pull = command({
  usage: 'IMAGE',
  about:
    'A name without a host is looked for at the registries that this machine has been told of: BOXWRIGHT_REGISTRY, /etc/boxwright/registries.json, and what Docker and Podman know.\n\nboxwright pull registry.example/team/app:1.2',
  options: {
    platform: { value: 'OS/ARCHITECTURE', about: 'of an image that is for several; all for all of them' },
    insecure: { about: 'plain HTTP will do, and a certificate that nobody vouches for' },
    'no-unpack': { about: 'leave that to the first run' },
    ...PROGRESS,
  },
  words: [1, 1],
  run: async ({ platform, insecure, 'no-unpack': packed, ...told }, [word = '']) => {
    using stores = await openStores()
    const wanted = platform === 'all' || platform === undefined ? platform : parsePlatform(platform)
    const image = await pullImage(stores.store, word, wanted, {
      onEvent: progress(told),
      ...(insecure && { insecure }),
      ...(!packed && { unpackInto: stores }),
    })
    if (!told.quiet) sayLeftOut(stores.leftOut)
    if (!told.json) print(told.quiet ? image.name : `${image.name}  ${image.target.digest}`)
  },
})
