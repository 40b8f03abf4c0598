/*
 * child · another program: started without a shell, its output gathered as it comes
 * knows · the system
 * never · blocks; shows what the program printed; leaves a process behind that it can end
 * owns  · the process, until it has ended, and what it printed
 * spec  · spec/session/source_spec.lua
 */
#ifndef AL_GROUND_CHILD_H
#define AL_GROUND_CHILD_H

#include <sys/types.h>

#include "ground/buf.h"

typedef struct al_child {
  pid_t pid;    /* 0: none, or it has ended */
  int out, err; /* ends of its pipes; -1: closed */
  al_buf said;  /* its standard output, secret */
  al_buf told;  /* the beginning of its standard error */
  int status;   /* once it has ended: its exit code; 128 and more: the signal; -1: somebody else took notice of it */
} al_child;

/* None yet. */
void al_child_init (al_child *c);

/* Starts argv[0], found by PATH. 0, or errno. */
int al_child_start (al_child *c, char *const argv[]);

/* Takes what has come. True: it has ended, and all its output is there. */
bool al_child_step (al_child *c);

/* Ends it by force, and waits for that. */
void al_child_dispose (al_child *c);

#endif
