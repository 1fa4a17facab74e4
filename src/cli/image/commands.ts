/** All commands about images and containers: what the list of them says, and the file that has it, read when it is wanted. */
import type { Listed } from '../options/option.ts'
import type { Command } from './command.ts'

// #region commands
export const COMMANDS: Readonly<Record<string, Listed<Command>>> = {
  run: { about: 'run a command in a container of an image', load: async () => (await import('./run.ts')).run },
  pull: { about: 'get an image from a registry', load: async () => (await import('./pull.ts')).pull },
  push: { about: 'send an image to a registry', load: async () => (await import('./push.ts')).push },
  load: { about: 'take images out of an archive', load: async () => (await import('./load.ts')).load },
  save: { about: 'put images into an archive', load: async () => (await import('./save.ts')).save },
  images: { about: 'which images are here', load: async () => (await import('./images.ts')).images },
  layers: { about: 'draw the layers of an image', load: async () => (await import('./layers.ts')).layers },
  commit: { about: 'make an image of a container', load: async () => (await import('./commit.ts')).commit },
  cp: { about: 'copy files into a container, or out of it', load: async () => (await import('./cp.ts')).cp },
  start: { about: 'start containers again', load: async () => (await import('./start.ts')).start },
  stop: { about: 'stop containers', load: async () => (await import('./stop.ts')).stop },
  kill: { about: 'send containers a signal', load: async () => (await import('./kill.ts')).kill },
  exec: { about: 'run one more command in a container', load: async () => (await import('./exec.ts')).exec },
  logs: { about: 'what a container has said', load: async () => (await import('./logs.ts')).logs },
  wait: { about: 'wait for the end of containers', load: async () => (await import('./wait.ts')).wait },
  settle: { about: 'see to what an ended container has left', load: async () => (await import('./settle.ts')).settle },
  ps: { about: 'which containers there are', load: async () => (await import('./ps.ts')).ps },
  rm: { about: 'remove containers', load: async () => (await import('./rm.ts')).rm },
}
// #endregion commands

/** `boxwright image COMMAND`: the same, and some that have no short name. */
export const IMAGE_COMMANDS: Readonly<Record<string, Listed<Command>>> = {
  'from-host': {
    about: 'make an image of this machine’s own programs',
    load: async () => (await import('./from-host.ts')).fromHost,
  },
  ls: COMMANDS['images'] as Listed<Command>,
  load: COMMANDS['load'] as Listed<Command>,
  save: COMMANDS['save'] as Listed<Command>,
  inspect: { about: 'what an image says of itself', load: async () => (await import('./inspect.ts')).inspect },
  rm: { about: 'take names from images', load: async () => (await import('./rm-image.ts')).rmImage },
  diff: { about: 'what a container has changed', load: async () => (await import('./diff.ts')).diff },
  tag: { about: 'give an image one more name', load: async () => (await import('./tag.ts')).tag },
  history: { about: 'how an image was made', load: async () => (await import('./history.ts')).history },
}
