/* Between the terminal of whoever started us and the box's, as the monitor sees it. */
#include <poll.h>
#include <sys/ioctl.h>

enum { RELAYED = 4 }; /* descriptors that are waited for */

struct winsize size_of_caller(void);
void let_relay_go(void);
void begin_relay(void);
bool relays(void);
void ask_relay(struct pollfd polled[RELAYED]);
void relay(const struct pollfd polled[RELAYED]);
bool relay_hears(int signal);
void end_relay(void);
