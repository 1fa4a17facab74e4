/*
 * TIOCSTI puts a character into a terminal's input, as if it had been typed: ioctl_tty(2). A box that was started from your shell shares its
 * terminal. It ends, your shell reads on, and runs what the box has typed.
 */
#include "attack.h"
#include <sys/ioctl.h>
#include <termios.h>

/* argv: what to type. */
void terminal_input(char **argv)
{
	for (const char *key = argv[0]; *key; key++)
		must(ioctl(STDIN_FILENO, TIOCSTI, key), "type into the terminal");
	must(ioctl(STDIN_FILENO, TIOCSTI, "\n"), "type into the terminal");
}
