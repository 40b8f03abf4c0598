#include "wire/engine.h"

#include <stdlib.h>
#include <string.h>

#include "ground/clock.h"
#include "ground/crypto.h"
#include "wire/token_call.h"
#include "wire/proof.h"

static void advance (al_call *c);

/* Spreads waits, nothing more: a cheap sequence (xorshift). OpenSSL's random numbers would take half a millisecond to
 * set up. */
unsigned al_engine_chance (al_engine *e) {
  while (e->chance == 0) e->chance = al_clock_jitter();
  e->chance ^= e->chance << 13;
  e->chance ^= e->chance >> 17;
  e->chance ^= e->chance << 5;
  return e->chance;
}

int64_t al_engine_now (const al_engine *e) {
  return al_clock_now() + e->ahead_ms;
}

bool al_engine_stamp (al_stamp *stamp, al_fault *fault) {
  stamp->wall_ms = al_clock_wall();
  if (al_crypto_random(stamp->random, sizeof stamp->random)) return true;
  al_fault_set(fault, AL_NETWORK, AL_TRANSIENT, "no_random", "the system has no random numbers to give");
  return false;
}

/* Everyone who waited for this credential goes on. */
void al_engine_wake (al_engine *e, al_credential *credential, const al_fault *fault) {
  int64_t now = al_engine_now(e);
  for (al_call *c = e->calls; c != NULL; c = c->next)
    if (c->place == AL_CALL_WAITING && c->for_token && c->credential == credential)
      al_flow_renewed(&c->flow, fault, now);
  for (al_call *c = e->calls, *next; c != NULL; c = next) {
    next = c->next;
    if (c->place == AL_CALL_WAITING && c->for_token && c->credential == credential) advance(c);
  }
}

/* ---- calls ---- */

int64_t al_engine_left (int64_t deadline, int64_t now) {
  return deadline == INT64_MAX ? INT64_MAX : deadline - now;
}

void al_engine_due (al_engine *e, int64_t when) {
  if (when < e->due) e->due = when;
}

static void place (al_call *c, al_place where) {
  al_engine *e = c->engine;
  if (c->place == AL_CALL_NOWHERE && where != AL_CALL_NOWHERE) {
    c->before = NULL;
    c->next = e->calls;
    if (e->calls != NULL) e->calls->before = c;
    e->calls = c;
  } else if (c->place != AL_CALL_NOWHERE && where == AL_CALL_NOWHERE) {
    if (c->before != NULL) c->before->next = c->next;
    else e->calls = c->next;
    if (c->next != NULL) c->next->before = c->before;
    c->next = c->before = NULL;
  }
  c->place = where;
  if (where != AL_CALL_WAITING && c->credential != NULL && c->credential->renewal != NULL)
    al_token_call_lose_envoy(al_token_call_of(c->credential), c);
}

static void wait_here (al_call *c, bool for_token) {
  place(c, AL_CALL_WAITING);
  c->for_token = for_token;
  int64_t when = for_token ? c->flow.deadline : c->flow.wait_until;
  al_engine_due(c->engine, when < c->flow.deadline ? when : c->flow.deadline);
}

/* A token is needed: join the renewal under way, or begin one; where an opening must be asked for first, the door does
 * that. */
static void need_token (al_call *c) {
  al_credential *credential = c->credential;
  wait_here(c, true);
  c->flow.joined = credential->renewal != NULL;
  if (credential->renewal != NULL) {
    al_token_call_send_envoy(al_token_call_of(credential));
    return;
  }
  if (al_credential_asks(credential)) {
    al_call_queue(c, AL_WANTS_OPENING);
    return;
  }
  if (al_token_call_begin(c->engine, c->client, credential, c->flow.force, c->transfer.by_host)) return;
  al_fault fault;
  al_fault_set(&fault, AL_NETWORK, AL_TRANSIENT, "out_of_memory", "there is no memory left for a token request");
  al_flow_broke(&c->flow, &fault);
  advance(c);
}

static bool send_call (al_call *c, int64_t now) {
  if (!al_call_prove(c)) return false;
  const char *authorization = c->flow.token != NULL            ? c->flow.token->line.bytes
                              : c->request.authorization.n > 0 ? c->request.authorization.bytes
                                                               : NULL;
  if (al_http_start(&c->engine->http, &c->transfer, &c->client->settings, &c->request, authorization,
                    al_engine_left(c->flow.deadline, now))) {
    place(c, AL_CALL_SENDING);
    if (c->transfer.by_host) al_call_queue(c, AL_WANTS_SEND);
    return true;
  }
  al_fault fault;
  if (al_transfer_fault(&c->transfer, &fault)) al_flow_broke(&c->flow, &fault);
  return false;
}

static void over (al_call *c) {
  place(c, AL_CALL_NOWHERE);
  al_call_queue(c, AL_WANTS_DONE);
}

static void advance (al_call *c) {
  for (;;) {
    int64_t now = al_engine_now(c->engine);
    switch (al_flow_next(&c->flow, now)) {
      case AL_NEXT_SEND:
        if (send_call(c, now)) return;
        break;
      case AL_NEXT_WAIT: wait_here(c, false); return;
      case AL_NEXT_TOKEN: need_token(c); return;
      default: over(c); return;
    }
  }
}

static void call_heard (al_call *c) {
  al_transfer *t = &c->transfer;
  if (!t->finished) {
    if (t->wants & AL_WANTS_BODY) c->request.read_from = true;
    al_call_queue(c, t->wants);
    return;
  }
  /* what the sink hasn't taken yet, it gets before the end is told */
  if (t->incoming.n > 0) al_call_queue(c, AL_WANTS_SINK);
  al_fault fault;
  if (al_transfer_fault(t, &fault)) al_flow_broke(&c->flow, &fault);
  else {
    al_answer answer = al_transfer_answer(t);
    al_flow_answered(&c->flow, &answer, al_engine_chance(c->engine), al_engine_now(c->engine));
  }
  advance(c);
}

void al_call_init (al_call *c) {
  memset(c, 0, sizeof *c);
  al_request_init(&c->request);
  al_transfer_init(&c->transfer);
}

void al_call_begin (al_engine *e, al_call *c, al_client *client, al_credential *credential, bool with_request,
                    bool force, int64_t timeout_ms) {
  c->engine = al_engine_hold(e);
  c->client = al_client_hold(client);
  c->credential = credential;
  c->transfer.owner = c;
  al_flow_begin(&c->flow, client, credential, with_request ? &c->request : NULL, timeout_ms, al_engine_now(e));
  c->flow.force = force;
  advance(c);
}

/* Of all that it held of others. */
static void let_go (al_call *c) {
  al_engine *e = c->engine;
  al_flow_dispose(&c->flow);
  al_cache_release(c->credential);
  al_client_drop(c->client);
  c->client = NULL;
  c->credential = NULL;
  c->engine = NULL;
  al_engine_drop(e);
}

void al_call_dispose (al_call *c) {
  al_engine *e = c->engine;
  if (e != NULL) {
    al_call_attended(c);
    place(c, AL_CALL_NOWHERE);
  }
  al_transfer_dispose(&c->transfer);
  al_request_dispose(&c->request);
  let_go(c);
}

/* What was allocated for one call is there for the next, unless it is large. */
static void keep_warm (al_buf *b) {
  if (b->room > AL_WARM_BUFFER) al_buf_dispose(b);
  else al_buf_clear(b);
}

static void rest_request (al_request *q) {
  al_buf *buffers[] = { &q->url, &q->lines, &q->body, &q->authorization, &q->proof };
  for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) keep_warm(buffers[i]);
  al_request_unbind(q);
  memcpy(q->method, "GET", 4);
  q->line_count = 0;
  al_request_drop_body(q);
  q->once = q->endpoint = q->bare = false;
}

static void rest_transfer (al_transfer *t) {
  al_buf *buffers[] = { &t->location, &t->incoming, &t->outgoing };
  for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) keep_warm(buffers[i]);
  al_transfer_recycle(t);
}

void al_call_recycle (al_call *c) {
  rest_request(&c->request);
  rest_transfer(&c->transfer);
  let_go(c);
  c->wants = 0;
  c->session = 0;
  c->tells = c->for_token = c->awaited = false;
}

void al_call_sleep (al_engine *e, al_call *c, int64_t ms) {
  c->engine = al_engine_hold(e);
  c->flow.deadline = INT64_MAX;
  c->flow.wait_until = al_engine_now(e) + ms;
  c->flow.done = true;
  wait_here(c, false);
}

void al_call_give_secret (al_call *c, al_buf *secret) {
  al_token_call *token_call = al_token_call_of(c->credential);
  c->wants &= ~AL_WANTS_SECRET;
  if (token_call != NULL && token_call->envoy == c) al_token_call_give_secret(token_call, secret);
}

void al_call_give_opening (al_call *c, al_buf *opening) {
  c->wants &= ~AL_WANTS_OPENING;
  if (c->credential->renewal == NULL && al_credential_asks(c->credential))
    al_buf_take(&c->credential->opening, opening);
  if (c->place == AL_CALL_WAITING && c->for_token) advance(c);
}

void al_call_fail (al_call *c, const al_fault *fault) {
  al_http_cancel(&c->transfer);
  al_buf_clear(&c->transfer.incoming);
  al_flow_broke(&c->flow, fault);
  c->flow.done = false;
  c->wants = AL_WANTS_DONE; /* and nothing else any more */
  if (c->place != AL_CALL_NOWHERE) over(c);
}

/* ---- moving everything along ---- */

void al_engine_heard (al_transfer *t) {
  if (t->owner != NULL) call_heard(t->owner);
  else al_token_call_heard((al_token_call *)(void *)((char *)t - offsetof(al_token_call, transfer)));
}

static void hear (al_engine *e) {
  for (al_transfer *t; (t = al_http_ready(&e->http)) != NULL;) al_engine_heard(t);
}

static int64_t due_of (const al_call *c) {
  return c->for_token || c->flow.wait_until < 0 || c->flow.deadline < c->flow.wait_until ? c->flow.deadline
                                                                                         : c->flow.wait_until;
}

/* A device code is asked for as long as someone waits; a renewal goes on regardless, as its answer may be the only new
 * refresh token. */
static bool awaited (const al_engine *e, const al_credential *credential) {
  for (const al_call *c = e->calls; c != NULL; c = c->next)
    if (c->place == AL_CALL_WAITING && c->for_token && c->credential == credential) return true;
  return false;
}

static bool opens (const al_renewal *r) {
  return r->plea == AL_ASK_BY_OPENING && r->stage == AL_STAGE_ASK && !r->done;
}

/* Those whose moment has come; what they do next may add others, which are found on the next round. */
static void ring (al_engine *e) {
  int64_t now = al_engine_now(e);
  while (e->due <= now) {
    e->due = INT64_MAX;
    for (al_token_call *p = e->token_calls, *next; p != NULL; p = next) {
      next = p->next;
      if (al_token_call_out(p, now) || p->asks != AL_NEXT_SEND) continue;
      if (p->renewal.wait_until > now) al_engine_due(e, p->renewal.wait_until);
      else if (opens(&p->renewal) && !awaited(e, p->renewal.credential)) al_token_call_end(p);
      else al_token_call_advance(p);
    }
    for (al_call *c = e->calls, *next; c != NULL; c = next) {
      next = c->next;
      if (c->place != AL_CALL_WAITING) continue;
      if (due_of(c) > now) al_engine_due(e, due_of(c));
      else advance(c);
    }
  }
}

bool al_engine_step (al_engine *e, int wait_ms, bool alone) {
  bool calm = al_http_step(&e->http, wait_ms, alone);
  hear(e);
  ring(e);
  return calm;
}

static int64_t next_moment (const al_engine *e) {
  int64_t due = e->due == INT64_MAX ? -1 : e->due - e->ahead_ms;
  if (e->http.ready.first != NULL) return 0;
  int64_t timer = al_lanes_timer(&e->http.lanes);
  if (timer < 0) return due;
  return due < 0 || timer < due ? timer : due;
}

int al_engine_patience (const al_engine *e) {
  int64_t when = next_moment(e);
  if (when < 0) return -1;
  int64_t wait = when - al_clock_now();
  return wait <= 0 ? 0 : wait > 3600000 ? 3600000 : (int)wait;
}

void al_engine_arm (al_engine *e) {
  if (!e->hosted) return; /* whoever blocks here asks al_engine_patience: no need of a system call */
  e->http.poller.alarm = e->queue.first != NULL ? 0 : next_moment(e);
  al_poller_arm(&e->http.poller);
}

/* ---- birth and death ---- */

al_engine *al_engine_new (void) {
  al_engine *e = calloc(1, sizeof *e);
  if (e == NULL) return NULL;
  e->refs = 1;
  e->due = INT64_MAX;
  al_forked_note(&e->forked);
  al_cache_init(&e->cache);
  al_clock_name(e->clock);
  e->open = al_http_open(&e->http);
  if (e->open) return e;
  al_engine_drop(e);
  return NULL;
}

al_engine *al_engine_hold (al_engine *e) {
  e->refs++;
  return e;
}

void al_engine_drop (al_engine *e) {
  if (e == NULL || --e->refs > 0) return;
  al_http_dispose(&e->http);
  al_forked_forget(&e->forked);
  free(e);
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

void al_engine_end_session (al_engine *e, uint64_t session) {
  al_fault fault;
  al_fault_set(&fault, AL_CANCELLED, AL_TRANSIENT, "closed", "the session was closed while this call was under way");
  for (al_call *c = e->calls, *next; c != NULL; c = next) {
    next = c->next;
    if (c->session == session) al_call_fail(c, &fault);
  }
}

void al_engine_shut (al_engine *e) {
  if (!e->open) return;
  e->open = false;
  leave(e, "closed", "the Lua state is closing");
  while (al_engine_attend(e) != NULL) continue;
  al_http_close(&e->http);
  al_cache_dispose(&e->cache);
}

/* What was under way is the parent's; the child keeps the tokens and nothing else. */
bool al_engine_enter (al_engine *e) {
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
