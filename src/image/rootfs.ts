/** A directory that somebody wants to be the root of a box, looked at before anything is made. */
import { realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'

/** @returns the directory's absolute path without links in it. @throws Error naming the path, what is so and what to do. */
export function checkRootfs(path: string): string {
  if (path.split('/').includes('..'))
    throw refuse(
      path,
      'it has ".." in it, which means another place wherever a link is followed',
      `Write ${resolve(path)}`,
    )
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat)
    throw refuse(
      path,
      'there is no such directory',
      'Make one, or leave --rootfs out: a base image is made of this machine’s own files',
    )
  if (!stat.isDirectory())
    throw refuse(
      path,
      'it is a file, and a root is a directory',
      'An archive has to be unpacked first: tar -xf FILE -C DIRECTORY',
    )
  const real = realpathSync(path)
  if (real === '/')
    throw refuse(
      path,
      'it is your machine’s own root, and nothing would stand between it and the box',
      'Name a directory below it',
    )
  return real
}

const refuse = (path: string, fact: string, remedy: string): Error =>
  new Error(`Cannot use "${path}" as a root: ${fact}\n  ${remedy}`)
