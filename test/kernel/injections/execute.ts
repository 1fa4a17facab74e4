/** execve(2). */
import * as kernel from '../../../src/kernel/constants.ts'
import { machineOf } from '../../../src/kernel/elf.ts'
import type { Draft } from '../../../src/plan/plan.ts'
import { writeFile } from './files.ts'
import { bind, mount, OWN, plain, step, type Inject } from './injection.ts'

const execute = (file: string, ...args: string[]): Draft =>
  step('execvpe', file, [file, ...args], ['PATH=/bin:/usr/bin'])

export const executeInjections: Record<string, Inject> = {
  'execve/empty-name': plain('EACCES', execute('')),
  'execve/no-such-file': plain('ENOENT', execute('no-such-program')),
  'execve/no-interpreter': ({ place }) => ({
    code: 'ENOENT',
    steps: [execute(writeFile(`${place}/script`, '#!/no/such/interpreter\n'))],
  }),
  'execve/no-loader': ({ place }) => ({
    code: 'ENOENT',
    steps: [execute(writeFile(`${place}/program`, elf(machineOf(process.arch) ?? 0, '/no/such/loader')))],
  }),
  'execve/other-machine': ({ place }) => ({
    code: 'ENOEXEC',
    steps: [execute(writeFile(`${place}/alien`, elf(process.arch === 's390x' ? 62 : 22)))],
  }),
  'execve/no-program': ({ place }) => ({
    code: 'ENOEXEC',
    steps: [execute(writeFile(`${place}/text`, 'just text\n'))],
  }),
  'execve/directory': ({ place }) => ({ code: 'EACCES', steps: [execute(place)] }),
  'execve/no-x': ({ place }) => ({
    code: 'EACCES',
    steps: [execute(writeFile(`${place}/plain`, '#!/bin/sh\n', 0o644))],
  }),
  'execve/interpreter-no-x': ({ place }) => {
    const interpreter = writeFile(`${place}/interpreter`, 'text', 0o644)
    return { code: 'EACCES', steps: [execute(writeFile(`${place}/script`, `#!${interpreter}\n`))] }
  },
  'execve/noexec': ({ place }) => ({
    code: 'EACCES',
    steps: [
      ...OWN,
      bind(place),
      mount('none', place, '', kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_NOEXEC, ''),
      execute(writeFile(`${place}/script`, '#!/bin/sh\n')),
    ],
  }),
  'execve/too-long': () => ({
    as: ['sh', '-c', 'ulimit -s 8192; exec "$@"', 'sh'],
    code: 'E2BIG',
    steps: [execute('/bin/true', ...Array.from({ length: 40 }, () => 'x'.repeat(100_000)))],
  }),
  'execve/one-too-long': plain('E2BIG', execute('/bin/true', 'x'.repeat(131_072))),
}

/** The least that the kernel looks at: elf(5), a header and, for a loader, one entry of type PT_INTERP. */
function elf(machine: number, interpreter = ''): Buffer {
  const file = Buffer.alloc(64 + 56 + interpreter.length + 1)
  file.write('\x7fELF\x02\x01\x01', 'latin1') // 64 bits, little-endian, version 1
  file.writeUInt16LE(2, 16) // e_type: ET_EXEC
  file.writeUInt16LE(machine, 18)
  file.writeUInt32LE(1, 20) // e_version
  file.writeBigUInt64LE(64n, 32) // e_phoff
  file.writeUInt16LE(64, 52) // e_ehsize
  file.writeUInt16LE(56, 54) // e_phentsize
  file.writeUInt16LE(1, 56) // e_phnum
  file.writeUInt32LE(interpreter ? 3 : 4, 64) // p_type: PT_INTERP or PT_NOTE
  file.writeBigUInt64LE(120n, 64 + 8) // p_offset
  file.writeBigUInt64LE(BigInt(interpreter.length + 1), 64 + 32) // p_filesz
  file.write(interpreter, 120)
  return file
}
