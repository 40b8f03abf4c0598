#include "wire/run.h"

#include <stddef.h>

#include "wire/token_call.h"

void al_run_heard (al_transfer *t) {
  if (t->owner != NULL) al_call_heard(t->owner);
  else al_token_call_heard((al_token_call *)(void *)((char *)t - offsetof(al_token_call, transfer)));
}

static void hear (al_engine *e) {
  for (al_transfer *t; (t = al_http_ready(&e->http)) != NULL;) al_run_heard(t);
}

/* Those whose moment has come; what they do next may add others, which are found on the next round. */
static void ring (al_engine *e) {
  int64_t now = al_engine_now(e);
  while (e->due <= now) {
    e->due = INT64_MAX;
    al_token_call_ring(e, now);
    al_call_ring(e, now);
  }
}

bool al_run_step (al_engine *e, int wait_ms, bool alone) {
  bool calm = al_http_step(&e->http, wait_ms, alone);
  hear(e);
  ring(e);
  return calm;
}

static void leave (al_engine *e, const char *code, const char *message) {
  al_fault fault;
  al_fault_set(&fault, AL_CANCELLED, AL_TRANSIENT, code, "%s", message);
  for (al_call *c = e->calls, *next; c != NULL; c = next) {
    next = c->next;
    al_call_fail(c, &fault);
  }
  while (e->token_calls != NULL) al_token_call_end(e->token_calls);
}

void al_run_end_session (al_engine *e, uint64_t session) {
  al_fault fault;
  al_fault_set(&fault, AL_CANCELLED, AL_TRANSIENT, "closed", "the session was closed while this call was under way");
  for (al_call *c = e->calls, *next; c != NULL; c = next) {
    next = c->next;
    if (c->session == session) al_call_fail(c, &fault);
  }
}

void al_run_shut (al_engine *e) {
  if (!e->open) return;
  e->open = false;
  leave(e, "closed", "the Lua state is closing");
  while (al_call_attend(e) != NULL) continue;
  al_http_close(&e->http);
  al_cache_dispose(&e->cache);
}

/* What was under way is the parent's; the child keeps the tokens and nothing else. */
bool al_run_enter (al_engine *e) {
  if (!e->open) return false;
  if (al_forked_same(&e->forked)) return true;
  al_forked_note(&e->forked);
  e->chance = 0; /* siblings aren't to wait alike */
  for (al_call *c = e->calls; c != NULL; c = c->next) c->transfer.handle.easy = NULL;
  for (al_token_call *p = e->token_calls; p != NULL; p = p->next) p->transfer.handle.easy = NULL;
  leave(e, "forked", "the call was begun before a fork, and is the parent's");
  e->open = al_http_reopen(&e->http);
  return e->open;
}
