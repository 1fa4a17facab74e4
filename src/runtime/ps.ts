/** `ps`: the processes of a container, as the host counts. Those that have joined it by `exec` are in its cgroups as well. */
import { processesIn } from '../kernel/cgroup-processes.ts'
import { load } from './container.ts'
import type { Settings } from './settings.ts'

// #region ps
/** None of one that has ended. @throws NoContainer */
export const ps = (settings: Pick<Settings, 'root'>, id: string): number[] =>
  processesIn(load(settings, id).state.cgroups)
// #endregion ps
