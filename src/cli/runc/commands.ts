/** All commands: what the list of them says, and the file that has it, read when it is wanted. */
import type { Listed } from '../options/option.ts'
import type { Command } from './command.ts'

// #region commands
export const COMMANDS: Readonly<Record<string, Listed<Command>>> = {
  create: { about: 'make a container, up to its threshold', load: async () => (await import('./create.ts')).create },
  start: { about: 'let its process become the command', load: async () => (await import('./start.ts')).start },
  run: { about: 'create, start, wait, delete', load: async () => (await import('./run.ts')).run },
  exec: { about: 'one more process in a container', load: async () => (await import('./exec.ts')).exec },
  state: { about: 'a container’s state, as JSON', load: async () => (await import('./state.ts')).state },
  list: { about: 'which containers there are', load: async () => (await import('./list.ts')).list },
  kill: { about: 'send a signal to a container’s first process', load: async () => (await import('./kill.ts')).kill },
  delete: { about: 'take away what is left of a container', load: async () => (await import('./delete.ts')).del },
  ps: { about: 'the processes in a container', load: async () => (await import('./ps.ts')).ps },
  pause: { about: 'stop all processes in a container', load: async () => (await import('./pause.ts')).pause },
  resume: { about: 'let them go on', load: async () => (await import('./pause.ts')).resume },
  update: { about: 'other limits for a container', load: async () => (await import('./update.ts')).update },
  checkpoint: {
    about: 'write a container’s processes to files (CRIU)',
    load: async () => (await import('./checkpoint.ts')).checkpoint,
  },
  restore: { about: 'make a container of those', load: async () => (await import('./restore.ts')).restore },
  events: { about: 'what a container uses, again and again', load: async () => (await import('./events.ts')).events },
  features: { about: 'what this runtime understands', load: async () => (await import('./features.ts')).features },
  spec: { about: 'a config.json to begin with', load: async () => (await import('./spec.ts')).spec },
}
// #endregion commands
