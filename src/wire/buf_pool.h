/*
 * buf_pool · memory that answers were kept in, for the next ones: the last to be given back is the warmest
 * knows    · buf
 * never    · keeps what was secret, or large
 * owns     · what it was given back
 * spec     · spec/wire/reuse_spec.lua
 */
#ifndef AL_WIRE_BUF_POOL_H
#define AL_WIRE_BUF_POOL_H

#include "ground/buf.h"
#include "ground/limits.h"

typedef struct al_buf_pool {
  al_buf bufs[AL_MAX_IDLE_CALLS];
  int count;
} al_buf_pool;

/* To a buffer without any memory; where none is spare, it is left so. */
void al_buf_pool_lend (al_buf_pool *s, al_buf *b);

/* The buffer is left empty. */
void al_buf_pool_return (al_buf_pool *s, al_buf *b);
void al_buf_pool_dispose (al_buf_pool *s);

#endif
