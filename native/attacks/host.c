/*
 * Not an attack: what the attacks' host has to do that Node cannot. It is run outside of any box.
 */
#include "attack.h"
#include <linux/keyctl.h>
#include <net/if.h>
#include <poll.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

/* A network namespace is born with its loopback interface down. */
static void loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	const int any = must(socket(AF_INET, SOCK_DGRAM, 0), "make a socket");
	must(ioctl(any, SIOCSIFFLAGS, &request), "bring up the loopback interface");
}

/* Has a page at a given address, and a piece of shared memory under a given key, until its standard input ends. */
static void neighbour(const char *address, const char *key, const char *secret)
{
	char end;
	void *page = (void *)strtoul(address, NULL, 0);
	must((intptr_t)mmap(page, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0), "have a page");
	const int segment = must(shmget(strtoul(key, NULL, 0), 4096, IPC_CREAT | IPC_EXCL | 0666), "have shared memory");
	char *memory = shmat(segment, NULL, 0);
	must((intptr_t)memory, "have shared memory");
	strcpy(memory, secret);
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &end, 1) > 0)
		;
	must(shmctl(segment, IPC_RMID, NULL), "give up shared memory");
}

/* Listens at a socket that has a name, and no file. Prints what it hears, until its standard input ends. */
static void listener(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const size_t length = strnlen(name, sizeof address.sun_path - 1);
	memcpy(address.sun_path + 1, name, length);
	const int door = must(socket(AF_UNIX, SOCK_STREAM, 0), "make a socket");
	must(bind(door, (struct sockaddr *)&address, offsetof(struct sockaddr_un, sun_path) + 1 + length), "give it a name");
	must(listen(door, 1), "listen");
	puts("ready");
	fflush(stdout);
	struct pollfd either[] = { { .fd = door, .events = POLLIN }, { .fd = STDIN_FILENO, .events = POLLIN } };
	while (must(poll(either, 2, -1), "wait for somebody") > 0 && !either[1].revents) {
		char words[256];
		const int line = must(accept(door, NULL, NULL), "let somebody in");
		for (ssize_t heard; (heard = read(line, words, sizeof words)) > 0;)
			must(write(STDOUT_FILENO, words, heard), "say what was heard");
		close(line);
	}
}

/* Runs a command in a session of keys that has one more. */
static void with_key(char **argv)
{
	must(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL), "begin a session of keys");
	must(syscall(SYS_add_key, "user", argv[0], argv[1], strlen(argv[1]), KEY_SPEC_SESSION_KEYRING), "add a key to it");
	must(execvp(argv[2], argv + 2), "run a command in it");
}

/* Runs a command at a terminal of its own, reads what it prints, and ends as it has ended. */
static void at_terminal(char **argv)
{
	char printed[4096];
	const int master = must(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), "open a terminal");
	must(grantpt(master) | unlockpt(master), "unlock it");
	const pid_t child = must(fork(), "start a command");
	if (child == 0) {
		setsid();
		const int terminal = must(open(ptsname(master), O_RDWR), "open its other side");
		must(ioctl(terminal, TIOCSCTTY, 0), "make it our terminal");
		for (int fd = 0; fd < 3; fd++)
			must(dup2(terminal, fd), "stand at it");
		close(terminal);
		must(execvp(argv[0], argv), "run a command at it");
	}
	for (ssize_t length; (length = read(master, printed, sizeof printed)) > 0;)
		must(write(STDOUT_FILENO, printed, length), "pass on what it prints");
	int status;
	must(waitpid(child, &status, 0), "wait for its end");
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

void host(char **argv)
{
	alarm(0); /* it stays as long as it is wanted */
	if (strcmp(argv[0], "loopback") == 0)
		loopback();
	else if (strcmp(argv[0], "neighbour") == 0)
		neighbour(argv[1], argv[2], argv[3]);
	else if (strcmp(argv[0], "listener") == 0)
		listener(argv[1]);
	else if (strcmp(argv[0], "with-key") == 0)
		with_key(argv + 1);
	else if (strcmp(argv[0], "at-terminal") == 0)
		at_terminal(argv + 1);
}
