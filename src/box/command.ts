/** Every plan's end: the process stops being ours and becomes what was asked for. The walls stay around it. */
import { box, type Wall } from '../plan/plan.ts'

// #region command
export const command: Wall = {
  name: 'command',
  lesson: 1,
  steps: ({ process: { args, env, cwd } }) => [
    ...(cwd === '/'
      ? []
      : [box('chdir', [cwd], 'stand where the command wants to')]),
    box('execvpe', [args[0] ?? '', args, env], 'become the command'),
  ],
}
// #endregion command
