/** Asks the kernel by netlink, in the network namespace that this thread is in. It answers at once: nothing is waited for. */
import { closeSync } from 'node:fs'
import { AF_NETLINK, NETLINK_ROUTE, SOCK_CLOEXEC, SOCK_RAW } from './constants.ts'
import { SyscallError } from './error.ts'
import { recv, send, socket } from './libc.ts'
import { errnoIn, isDump, isLast, numbered, parseReplies, wantsAck, type Reply } from './netlink.ts'

// #region exchange
/** Sends messages as one. @returns what the kernel answered besides acks. @throws SyscallError of the first that it refused. */
export function exchange(protocol: number, messages: readonly Buffer[]): Reply[] {
  if (messages.length === 0) return []
  const fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)
  try {
    send(fd, numbered(messages))
    return collect(fd, messages.filter((one) => wantsAck(one) || isDump(one)).length)
  } finally {
    closeSync(fd)
  }
}

function collect(fd: number, awaited: number): Reply[] {
  const replies: Reply[] = []
  for (let answered = 0; answered < awaited;) {
    for (const reply of parseReplies(recv(fd))) {
      const errno = errnoIn(reply)
      if (errno !== undefined && errno !== 0) throw new SyscallError('netlink', [`message ${reply.number + 1}`], errno)
      if (errno === 0 || isLast(reply)) answered += 1
      else replies.push(reply)
    }
  }
  return replies
}
// #endregion exchange

/** To the part of the kernel that keeps interfaces, addresses and routes: rtnetlink(7). */
export const route = (...messages: Buffer[]): Reply[] => exchange(NETLINK_ROUTE, messages)
