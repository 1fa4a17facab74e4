/** What the filter of a `config.json` has to be: config-linux.md §seccomp. */
import { absolute, emptyOr, given, uint32, uint64, within } from './checks.ts'
import { list, object, oneOf, text, type Check, type Fields, type Rule } from './rule.ts'
import { ACTIONS, ARCHITECTURES, FLAGS, OPERATORS } from './seccomp.ts'

const action = oneOf(Object.keys(ACTIONS))

/** An answer of the kernel's is an errno; whoever traces may get any 16 bits. */
const answer = (action: string, errno: string): Check<Fields> => [
  (rule) => rule[errno] === undefined || mayAnswer(rule[action], Number(rule[errno])),
  `${errno} is for SCMP_ACT_ERRNO, up to 4095, and for SCMP_ACT_TRACE, up to 65535`,
]

const mayAnswer = (action: unknown, errno: number): boolean =>
  (action === 'SCMP_ACT_ERRNO' && errno <= 4095) || (action === 'SCMP_ACT_TRACE' && errno <= 0xffff)

const argument = object({ index: uint32(within(0, 5)), value: uint64(), valueTwo: uint64(), op: oneOf(OPERATORS) }, [
  'index',
  'value',
  'op',
])

const syscall = object(
  {
    names: list(text(given), [(names) => names.length > 0, 'it names no call']),
    action,
    errnoRet: uint32(),
    args: list(argument),
  },
  ['names', 'action'],
  answer('action', 'errnoRet'),
)

/** seccomp_unotify(2): somebody has to be there who answers, and to say so takes a call itself. */
const notifies = ({ defaultAction, syscalls = [] }: Fields): boolean =>
  defaultAction === 'SCMP_ACT_NOTIFY' || (syscalls as Fields[]).some(({ action }) => action === 'SCMP_ACT_NOTIFY')

// #region seccomp
export const seccomp: Rule = object(
  {
    defaultAction: action,
    defaultErrnoRet: uint32(),
    architectures: list(oneOf(ARCHITECTURES)),
    flags: list(oneOf(Object.keys(FLAGS))),
    listenerPath: text(emptyOr(absolute)),
    listenerMetadata: text(),
    syscalls: list(syscall),
  },
  ['defaultAction'],
  answer('defaultAction', 'defaultErrnoRet'),
  [
    ({ defaultAction }) => defaultAction !== 'SCMP_ACT_NOTIFY',
    'nobody could be told of it without a call that is asked about',
  ],
  [(profile) => !notifies(profile) || Boolean(profile['listenerPath']), 'SCMP_ACT_NOTIFY needs a listenerPath'],
  [
    ({ listenerPath, listenerMetadata }) => !listenerMetadata || Boolean(listenerPath),
    'listenerMetadata is for a listenerPath, and there is none',
  ],
)
// #endregion seccomp
