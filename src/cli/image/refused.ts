/** What a container's command has been refused, as container commands have it: 127 for one that is not there, 126 for one that cannot be run. */
import { explainBy } from '../../runtime/explain.ts'
import { Failure } from '../../runtime/launch.ts'
import { Complaint } from '../../workshop/complaint.ts'

// #region refused
/** @param what was to be done, in words. @throws Complaint */
export async function refusedAs<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  explainBy(async (...asked) => (await import('../../workshop/explain/words.ts')).wordsOf(...asked))
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    throw new Complaint(`Cannot ${what}: ${error.message}`, {
      cause: error,
      status: error.step?.call !== 'execvpe' ? 125 : error.code === 'ENOENT' ? 127 : 126,
    })
  }
}
// #endregion refused
