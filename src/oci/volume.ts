/** A part of the host's tree in the box, as people write it: `/srv/data:/data`, `/srv/data:/data:ro,idmap`. */
import type { Mount } from './spec.ts'

/** @throws RangeError naming the value, and what is so. */
export function parseVolume(text: string): Mount {
  const [source = '', destination = '', modes = 'rw', ...more] = text.split(':')
  const places = [source, destination]
  if (more.length > 0 || places.some((place) => !place.startsWith('/')))
    throw refuse(text, 'it is not SOURCE:TARGET, two paths that begin with "/"')
  if (places.some((place) => place.split('/').includes('..')))
    throw refuse(text, 'it has ".." in it, which means another place wherever a link is followed')
  const options = modes.split(',')
  const unknown = options.find((option) => !['rw', 'ro', 'idmap'].includes(option))
  if (unknown !== undefined) throw refuse(text, `"${unknown}" is none of ro, rw, idmap`)
  const target = `/${destination.split('/').filter(Boolean).join('/')}`
  if (target === '/') throw refuse(text, 'the root is a mount already: --rootfs names it')
  return { source, destination: target, type: 'bind', options: ['rbind', ...options] }
}

const refuse = (text: string, fact: string): RangeError =>
  new RangeError(
    `Cannot give the box "${text}": ${fact}\n  Write two paths: --volume /srv/data:/data, --volume /srv/data:/data:ro`,
  )
