/* The queue of calls that need Lua; see engine.h. */
#include "wire/engine.h"

void al_call_queue (al_call *c, int wants) {
  al_engine *e = c->engine;
  c->wants |= wants;
  if (c->queued) return;
  c->queued = true;
  c->queue_next = NULL;
  if (e->queue_last != NULL) e->queue_last->queue_next = c;
  else e->queue_first = c;
  e->queue_last = c;
}

al_call *al_engine_attend (al_engine *e) {
  al_call *c = e->queue_first;
  if (c != NULL) al_call_attended(c);
  return c;
}

void al_call_attended (al_call *c) {
  if (!c->queued) return;
  al_engine *e = c->engine;
  al_call *before = NULL;
  for (al_call *p = e->queue_first; p != c; p = p->queue_next) before = p;
  if (before != NULL) before->queue_next = c->queue_next;
  else e->queue_first = c->queue_next;
  if (e->queue_last == c) e->queue_last = before;
  c->queued = false;
}
