/*
 * birth · whether this is the process that something was made in, and not a child forked from it
 * knows · the C library
 * never · asks the system each time, where the system marks a child's memory by itself
 * owns  · a page of memory, until al_birth_forget
 * spec  · spec/c/ground_test.c, spec/fork_spec.lua
 */
#ifndef AL_GROUND_BIRTH_H
#define AL_GROUND_BIRTH_H

#include <stdbool.h>
#include <sys/types.h>

typedef struct al_birth {
  pid_t pid;
  unsigned char *mark; /* memory that is zero in a child (Linux 4.14 and later); NULL: there is none */
} al_birth;

/* It is made here and now; or again, in a child that has taken it over. */
void al_birth_note (al_birth *b);
bool al_birth_here (const al_birth *b);
void al_birth_forget (al_birth *b);

#endif
