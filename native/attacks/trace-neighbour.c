/*
 * A debugger may stop a process, and change its memory and its registers. All that it needs is the process's number, and the right to trace:
 * ptrace(2). The victim is one that the attack's host has started; it has a word in memory at an address that both know.
 */
#include "attack.h"
#include <sys/ptrace.h>
#include <sys/wait.h>

/* argv: the victim's number, an address, what to write there. */
void trace_neighbour(char **argv)
{
	const pid_t victim = atoi(argv[0]);
	const uintptr_t address = strtoul(argv[1], NULL, 0);
	const uintptr_t word = strtoul(argv[2], NULL, 0);
	must(ptrace(PTRACE_ATTACH, victim, 0, 0), "trace a process of the host");
	must(waitpid(victim, NULL, 0), "wait until it stands still");
	must(ptrace(PTRACE_POKEDATA, victim, address, word), "write into its memory");
	must(ptrace(PTRACE_DETACH, victim, 0, 0), "let it go");
}
