/** The table: what can be wrong, in the order in which it is asked. Of one call, what the kernel looks at first comes first. */
import type { Cause } from './cause.ts'
import { execveCauses } from './causes/execve.ts'
import { pivotRootCauses } from './causes/pivot-root.ts'

export const causes: readonly Cause[] = [...pivotRootCauses, ...execveCauses]
