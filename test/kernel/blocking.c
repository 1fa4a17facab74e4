/* PID 1 that blocks SIGTERM until it has come, and then asks for it ("taken"), or, as shells do while they make a process, blocks it no more. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	sigset_t set, pending;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	puts("blocked");
	fflush(stdout);
	do {
		usleep(10000);
		sigpending(&pending);
	} while (!sigismember(&pending, SIGTERM));
	usleep(100000); /* so that it is seen to wait */
	if (argc > 1 && strcmp(argv[1], "asks") == 0) {
		int signal;
		sigwait(&set, &signal);
		puts("taken");
		fflush(stdout);
		usleep(300000);
		return 7;
	}
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	for (;;)
		pause();
}
