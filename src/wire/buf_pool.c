#include "wire/buf_pool.h"

void al_buf_pool_lend (al_buf_pool *s, al_buf *b) {
  if (b->room == 0 && s->count > 0) al_buf_take(b, &s->bufs[--s->count]);
}

void al_buf_pool_return (al_buf_pool *s, al_buf *b) {
  if (b->room == 0 || b->secret || b->room > AL_WARM_BUFFER || s->count == AL_MAX_IDLE_CALLS) {
    al_buf_dispose(b);
    return;
  }
  al_buf_clear(b);
  al_buf_take(&s->bufs[s->count++], b);
}

void al_buf_pool_dispose (al_buf_pool *s) {
  while (s->count > 0) al_buf_dispose(&s->bufs[--s->count]);
}
