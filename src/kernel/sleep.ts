/** Waits without giving up the thread: nothing else of ours may run while the host is being put in order. */
export function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}
