#include "wire/spare.h"

void al_spare_lend (al_spares *s, al_buf *b) {
  if (b->room == 0 && s->count > 0) al_buf_take(b, &s->bufs[--s->count]);
}

void al_spare_return (al_spares *s, al_buf *b) {
  if (b->room == 0 || b->secret || b->room > AL_WARM_BUFFER || s->count == AL_MAX_IDLE_CALLS) {
    al_buf_dispose(b);
    return;
  }
  al_buf_clear(b);
  al_buf_take(&s->bufs[s->count++], b);
}

void al_spares_dispose (al_spares *s) {
  while (s->count > 0) al_buf_dispose(&s->bufs[--s->count]);
}
