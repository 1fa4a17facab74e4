/* What the two fronts have in common: programs that become another one at once. Lesson 13. */
#ifndef FRONT_H
#define FRONT_H

/* Of something beside this program, from wherever that is reached: NULL where there is no telling. */
const char *beside(const char *name, char path[static 4096]);

/* Comes back where there is no such program, or it is one for another machine. @param name which of its two programs it is to be. */
void become_bun(char *name, char **argv);

#endif
