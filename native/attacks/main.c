/*
 * attack NAME ARGUMENTS: what a command in a box may try against the host. One static program, so that it runs in any root file system.
 * An attack does not say whether it has succeeded; the host looks. Nothing here goes on for longer than half a minute.
 */
#include "attack.h"
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define ATTACKS(DO) \
	DO(abstract_socket) DO(arp_spoof) DO(file_handle) DO(host_name) DO(host_network) DO(host_sysctl) DO(interrupts) DO(keyring) \
	DO(leaked_mount) DO(log_by_syscall) DO(proc_root) DO(raw_socket) DO(read_neighbour) DO(release_agent) DO(self_exe) \
	DO(shared_memory) DO(symlink_race) DO(terminal_input) DO(trace_neighbour) DO(host)

#define DECLARE(NAME) void NAME(char **argv);
ATTACKS(DECLARE)

#define ENTRY(NAME) { #NAME, NAME },
static const struct {
	const char *name;
	void (*make)(char **argv);
} attacks[] = { ATTACKS(ENTRY) };

long must(long result, const char *what)
{
	if (result == -1) {
		const int fd = open(LAST_WORDS, O_WRONLY | O_CREAT | O_TRUNC, 0644);
		dprintf(fd, "%s: %s\n", what, strerror(errno));
		_exit(1);
	}
	return result;
}

const char *proc(void)
{
	if (access("/proc/self/stat", R_OK) == 0)
		return "/proc";
	must(mkdir("/tmp/proc", 0755), "make a place for a procfs");
	must(mount("proc", "/tmp/proc", "proc", 0, NULL), "mount a procfs");
	return "/tmp/proc";
}

void bring_home(const char *loot, const void *found, size_t length)
{
	const int fd = must(open(loot, O_WRONLY | O_CREAT | O_APPEND, 0644), "open a file for what was found");
	must(write(fd, found, length), "write down what was found");
	close(fd);
}

int main(int argc, char **argv)
{
	alarm(30);
	for (char *dash; argc > 1 && (dash = strchr(argv[1], '-'));)
		*dash = '_';
	for (size_t n = 0; argc > 1 && n < sizeof attacks / sizeof *attacks; n++)
		if (strcmp(argv[1], attacks[n].name) == 0) {
			attacks[n].make(argv + 2);
			return 0;
		}
	return 2;
}
