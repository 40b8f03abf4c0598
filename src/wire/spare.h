/*
 * spare · memory that answers were kept in, for the next ones: the last to be given back is the warmest
 * knows · buf
 * never · keeps what was secret, or large
 * owns  · what it was given back
 * spec  · spec/reuse_spec.lua
 */
#ifndef AL_WIRE_SPARE_H
#define AL_WIRE_SPARE_H

#include "ground/buf.h"
#include "ground/limits.h"

typedef struct al_spares {
  al_buf bufs[AL_MAX_IDLE_CALLS];
  int count;
} al_spares;

/* To a buffer without any memory; where none is spare, it is left so. */
void al_spare_lend (al_spares *s, al_buf *b);

/* The buffer is left empty. */
void al_spare_return (al_spares *s, al_buf *b);
void al_spares_dispose (al_spares *s);

#endif
