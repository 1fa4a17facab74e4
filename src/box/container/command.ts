/**
 * Lesson 13. A container's command, and where it stands. It goes there before it is anybody else than root, and before a filter that may not let it: in
 * the first lesson there was nobody who could have minded.
 */
import { box, type Wall } from '../../plan/plan.ts'

// #region command
export const containerDirectory: Wall = {
  name: 'container-directory',
  lesson: 13,
  steps: ({ process: { cwd } }) => [
    box('chdir', [cwd], 'stand where the command wants to'),
  ],
}

export const containerCommand: Wall = {
  name: 'container-command',
  lesson: 13,
  steps: ({ process: { args, env } }) => [
    box('execvpe', [args[0] ?? '', args, env], 'become the command'),
  ],
}
// #endregion command
