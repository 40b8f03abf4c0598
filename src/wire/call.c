#include "wire/call.h"

#include <string.h>

#include "wire/report.h"
#include "wire/token_call.h"

static void advance (al_call *c);

/* ---- the queue of those that need Lua ---- */

void al_call_queue (al_call *c, int wants) {
  c->wants |= wants;
  al_queue_join(&c->engine->queue, &c->queued);
}

al_call *al_call_attend (al_engine *e) {
  al_place_in *first = al_queue_next(&e->queue);
  return first != NULL ? AL_QUEUED(first, al_call, queued) : NULL;
}

void al_call_attended (al_call *c) {
  if (c->engine != NULL) al_queue_leave(&c->engine->queue, &c->queued);
}

/* ---- on its way ---- */

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

/* What a call whose token is bound to a key goes out with beside it, made for this very request (RFC 9449). False:
 * there is none to be had, and the call's flow has failed. */
static bool prove (al_call *c) {
  al_stamp stamp;
  al_fault fault;
  if (c->request.proof.n > 0) al_buf_clear(&c->request.proof);
  if (!al_flow_proves(&c->flow)) return true;
  if (al_engine_stamp(&stamp, &fault)) return al_flow_prove(&c->flow, &stamp);
  al_flow_broke(&c->flow, &fault);
  return false;
}

static bool send_call (al_call *c, int64_t now) {
  if (!prove(c)) return false;
  const char *authorization = c->flow.token != NULL            ? c->flow.token->line.bytes
                              : c->request.authorization.n > 0 ? c->request.authorization.bytes
                                                               : NULL;
  if (al_http_start(&c->engine->http, &c->transfer, &c->client->settings, &c->request, authorization,
                    al_engine_left(c->flow.deadline, now))) {
    place(c, AL_CALL_SENDING);
    al_report_request(c->engine, c->client, &c->transfer);
    if (c->transfer.by_host) al_call_queue(c, AL_WANTS_SEND);
    return true;
  }
  al_fault fault;
  if (al_transfer_fault(&c->transfer, &fault)) al_flow_broke(&c->flow, &fault);
  return false;
}

static void over (al_call *c) {
  al_flow_over(&c->flow);
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

void al_call_heard (al_call *c) {
  al_transfer *t = &c->transfer;
  if (!t->finished) {
    if (t->wants & AL_WANTS_BODY) c->request.read_from = true;
    al_call_queue(c, t->wants);
    return;
  }
  /* what the sink hasn't taken yet, it gets before the end is told */
  if (t->incoming.n > 0) al_call_queue(c, AL_WANTS_SINK);
  al_fault fault;
  bool broke = al_transfer_fault(t, &fault);
  al_report_end(c->client, t, broke ? &fault : NULL);
  if (broke) al_flow_broke(&c->flow, &fault);
  else {
    al_answer answer = al_transfer_answer(t);
    al_flow_answered(&c->flow, &answer, al_engine_chance(c->engine), al_engine_now(c->engine));
  }
  advance(c);
}

static int64_t due_of (const al_call *c) {
  return c->for_token || c->flow.wait_until < 0 || c->flow.deadline < c->flow.wait_until ? c->flow.deadline
                                                                                         : c->flow.wait_until;
}

void al_call_ring (al_engine *e, int64_t now) {
  for (al_call *c = e->calls, *next; c != NULL; c = next) {
    next = c->next;
    if (c->place != AL_CALL_WAITING) continue;
    if (due_of(c) > now) al_engine_due(e, due_of(c));
    else advance(c);
  }
}

static bool waits_for (const al_call *c, const al_credential *credential) {
  return c->place == AL_CALL_WAITING && c->for_token && c->credential == credential;
}

al_call *al_call_waiting (const al_engine *e, const al_credential *credential) {
  for (al_call *c = e->calls; c != NULL; c = c->next)
    if (waits_for(c, credential)) return c;
  return NULL;
}

void al_call_wake (al_engine *e, al_credential *credential, const al_fault *fault) {
  int64_t now = al_engine_now(e);
  for (al_call *c = e->calls; c != NULL; c = c->next)
    if (waits_for(c, credential)) al_flow_renewed(&c->flow, fault, now);
  for (al_call *c = e->calls, *next; c != NULL; c = next) {
    next = c->next;
    if (waits_for(c, credential)) advance(c);
  }
}

/* ---- beginning and ending ---- */

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

void al_call_sleep (al_engine *e, al_call *c, int64_t ms) {
  c->engine = al_engine_hold(e);
  c->flow.deadline = INT64_MAX;
  c->flow.wait_until = al_engine_now(e) + ms;
  c->flow.done = true;
  wait_here(c, false);
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
    if (c->place == AL_CALL_SENDING) al_report_cancelled(c->client, &c->transfer);
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

static void empty_request (al_request *q) {
  al_buf *buffers[] = { &q->url, &q->lines, &q->body, &q->authorization, &q->proof };
  for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) keep_warm(buffers[i]);
  al_request_unbind(q);
  memcpy(q->method, "GET", 4);
  q->line_count = 0;
  al_request_drop_body(q);
  q->once = q->endpoint = q->bare = false;
  q->purpose = q->plain = NULL;
}

static void empty_transfer (al_transfer *t) {
  al_buf *buffers[] = { &t->location, &t->incoming, &t->outgoing };
  for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) keep_warm(buffers[i]);
  al_transfer_recycle(t);
}

void al_call_recycle (al_call *c) {
  empty_request(&c->request);
  empty_transfer(&c->transfer);
  let_go(c);
  c->wants = 0;
  c->session = 0;
  c->decodes = AL_DECODES_NOTHING;
  c->tells = c->for_token = c->awaited = false;
}

/* ---- what the door gives ---- */

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
  if (c->place == AL_CALL_SENDING) al_report_end(c->client, &c->transfer, fault);
  al_http_cancel(&c->transfer);
  al_buf_clear(&c->transfer.incoming);
  al_flow_broke(&c->flow, fault);
  c->flow.done = false;
  c->wants = AL_WANTS_DONE; /* and nothing else any more */
  if (c->place != AL_CALL_NOWHERE) over(c);
}
