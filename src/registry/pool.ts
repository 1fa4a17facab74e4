/** Several things at once, but not all. */

// #region pool
/** @param work is told by the signal when another has failed. @throws what failed first, once all have ended. */
export async function eachOf<T>(
  items: readonly T[],
  parallel: number,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController()
  const left = [...items]
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined && !failed.signal.aborted; item = left.shift())
      await work(item, failed.signal).catch((error: unknown) => failed.abort(error))
  }
  await Promise.all(Array.from({ length: parallel }, worker))
  failed.signal.throwIfAborted()
}
// #endregion pool
