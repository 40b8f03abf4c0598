/* The queue of calls that need Lua; see engine.h. */
#include "wire/engine.h"

void al_call_queue (al_call *c, int wants) {
  c->wants |= wants;
  al_queue_join(&c->engine->queue, &c->queued);
}

al_call *al_engine_attend (al_engine *e) {
  al_place_in *first = al_queue_next(&e->queue);
  return first != NULL ? AL_QUEUED(first, al_call, queued) : NULL;
}

void al_call_attended (al_call *c) {
  if (c->engine != NULL) al_queue_leave(&c->engine->queue, &c->queued);
}
