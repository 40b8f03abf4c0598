/*
 * store · token files: one record a file, in a folder that is its owner's alone; a lock each; writes that are whole or
 *         not there
 * knows · ground, the file system
 * never · waits for a lock; follows a link; reads or writes where others could; shows what is in a record
 * owns  · nothing but a lock while it is held: folder and name are arguments
 * spec  · spec/store/store_spec.lua, spec/store/trouble_spec.lua, spec/c/store_test.c
 *
 * A lock is flock(2) on a file beside the record, which stays. It belongs to the open file, so that two Lua states of
 * one process keep each other out, and ends with its holder, however that ends. A child that is forked meanwhile has a
 * share in it: so it is given back by name (LOCK_UN), which ends it for all, and the child only closes its descriptor,
 * which doesn't. Of the two other kinds, fcntl's process locks let two states of one process in at once, and go when
 * anyone in the process closes the file; its open-file locks are as flock's, but on Linux alone.
 */
#ifndef AL_WIRE_STORE_H
#define AL_WIRE_STORE_H

#include <sys/types.h>

#include "ground/buf.h"
#include "ground/fault.h"

typedef struct al_lock {
  int fd; /* -1: not held */
  pid_t pid;
} al_lock;

typedef enum al_stored_as {
  AL_STORE_FINE,
  AL_STORE_ABSENT, /* no such record, or no folder yet */
  AL_STORE_BUSY,   /* somebody else has the lock */
  AL_STORE_BROKEN, /* the fault says why */
} al_stored_as;

/* The record's text, appended to `out`, which should be secret and empty. A file larger than `out` may be is read as an
 * empty one. */
al_stored_as al_store_load (const char *folder, const char *name, al_buf *out, al_fault *fault);

/* The lock, if it is free. Makes the folder at first need. */
al_stored_as al_store_lock (const char *folder, const char *name, al_lock *lock, al_fault *fault);
void al_store_unlock (al_lock *lock);

/*
 * For the lock's holder: writes the record anew (NULL: removes it). What is on the disk afterwards is the old text or
 * the new, whole. AL_STORE_BUSY: nothing was written, as somebody removed the lock's file, so that another may hold a
 * lock by now.
 */
al_stored_as al_store_save (const char *folder, const char *name, const al_buf *text, const al_lock *lock,
                            al_fault *fault);

/* For the lock's holder: gives the record another name, "<name>.aside-<milliseconds since 1970>", or a little later
 * where there is one. */
al_stored_as al_store_set_aside (const char *folder, const char *name, int64_t wall, al_fault *fault);

/* Calls `each` with the name of every record in the folder. */
al_stored_as al_store_list (const char *folder, void (*each)(void *context, const char *name), void *context,
                            al_fault *fault);

#endif
