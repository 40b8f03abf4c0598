/*
 * queue · things in the order in which they came, each of them once
 * knows · nothing
 * never · allocates: each thing has its place in itself
 * owns  · nothing
 * spec  · spec/c/queue_test.c
 */
#ifndef AL_GROUND_QUEUE_H
#define AL_GROUND_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

/* A thing's place; all zero: it stands in no queue. */
typedef struct al_place_in {
  struct al_place_in *next, *before;
  bool stands;
} al_place_in;

typedef struct al_queue {
  al_place_in *first, *last;
} al_queue;

/* The thing whose member `place` that is. */
#define AL_QUEUED(place, type, member) ((type *)(void *)((char *)(place)-offsetof(type, member)))

/* Puts it at the end, unless it stands there already. */
void al_queue_join (al_queue *q, al_place_in *p);

/* Takes it out, wherever it stands; if it does. */
void al_queue_leave (al_queue *q, al_place_in *p);

/* Takes out the first; NULL: there is none. */
al_place_in *al_queue_next (al_queue *q);

#endif
