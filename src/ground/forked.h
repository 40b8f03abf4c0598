/*
 * forked · whether this is the process that something was made in, and not a child forked from it
 * knows  · the C library
 * never  · asks the system each time, where the system marks a child's memory by itself
 * owns   · a page of memory, until al_forked_forget
 * spec   · spec/c/ground_test.c, spec/wire/fork_spec.lua
 */
#ifndef AL_GROUND_FORKED_H
#define AL_GROUND_FORKED_H

#include <stdbool.h>
#include <sys/types.h>

typedef struct al_forked {
  pid_t pid;
  unsigned char *mark; /* memory that is zero in a child (Linux 4.14 and later); NULL: there is none */
} al_forked;

/* It is made here and now; or again, in a child that has taken it over. */
void al_forked_note (al_forked *b);
bool al_forked_same (const al_forked *b);
void al_forked_forget (al_forked *b);

#endif
