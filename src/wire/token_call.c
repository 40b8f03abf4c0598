#include "wire/token_call.h"

#include <stddef.h>
#include <stdlib.h>

#include "ground/clock.h"
#include "law/reconcile.h"
#include "law/sourced.h"
#include "wire/report.h"

static void call_envoy_back (al_token_call *token_call) {
  if (token_call->envoy != NULL) token_call->envoy->wants &= ~(AL_WANTS_SECRET | AL_WANTS_STORE | AL_WANTS_SOURCE);
  token_call->envoy = NULL;
}

void al_token_call_end (al_token_call *token_call) {
  al_engine *e = token_call->engine;
  for (al_token_call **p = &e->token_calls; *p != NULL; p = &(*p)->next)
    if (*p == token_call) {
      *p = token_call->next;
      break;
    }
  al_credential *credential = token_call->transaction.renewal.credential;
  al_report_cancelled(token_call->transaction.renewal.client, &token_call->transfer);
  call_envoy_back(token_call);
  al_store_unlock(&token_call->lock);
  al_transfer_dispose(&token_call->transfer);
  al_renewal_dispose(&token_call->transaction.renewal);
  al_cache_release(credential);
  free(token_call);
}

static void settle_token_call (al_token_call *token_call, bool failed) {
  al_engine *e = token_call->engine;
  al_credential *credential = al_cache_hold(token_call->transaction.renewal.credential);
  al_fault fault;
  if (failed) {
    fault = token_call->transaction.renewal.fault;
    al_client_place(token_call->transaction.renewal.client, &fault);
  }
  al_token_call_end(token_call);
  al_call_wake(e, credential, failed ? &fault : NULL);
  al_cache_release(credential);
}

static bool send_token_call (al_token_call *token_call, int64_t now) {
  al_renewal *r = &token_call->transaction.renewal;
  al_stamp stamp;
  if (!al_engine_stamp(&stamp, &r->fault) || !al_renewal_compose(r, &stamp)) return false;
  const char *authorization = r->authorization.n > 0 ? r->authorization.bytes : NULL;
  const al_settings *settings = &r->client->settings;
  int64_t time = al_engine_left(r->deadline, now);
  if (time > settings->timeout_ms) time = settings->timeout_ms;
  if (al_http_start(&token_call->engine->http, &token_call->transfer, settings, &r->request, authorization, time)) {
    al_client_note(r->client, "token_requested", 0, "", -1);
    al_report_request(token_call->engine, r->client, &token_call->transfer);
    if (token_call->transfer.by_host) al_engine_due(token_call->engine, r->deadline);
    return true;
  }
  al_fault fault;
  if (al_transfer_fault(&token_call->transfer, &fault)) al_renewal_broke(r, &fault, now);
  return false;
}

/* ---- what needs Lua: somebody who waits for the token brings it there ---- */

al_token_call *al_token_call_of (const al_credential *credential) {
  al_renewal *r = credential->renewal;
  return r == NULL ? NULL : (al_token_call *)(void *)((char *)r - offsetof(al_token_call, transaction));
}

void al_token_call_send_envoy (al_token_call *token_call) {
  if (token_call->asks == AL_NEXT_SEND || token_call->envoy != NULL) return;
  token_call->envoy = al_call_waiting(token_call->engine, token_call->transaction.renewal.credential);
  if (token_call->envoy == NULL) return;
  al_next asks = token_call->asks;
  al_call_queue(token_call->envoy, asks == AL_NEXT_SECRET   ? AL_WANTS_SECRET
                                   : asks == AL_NEXT_SOURCE ? AL_WANTS_SOURCE
                                                            : AL_WANTS_STORE);
}

void al_token_call_lose_envoy (al_token_call *token_call, al_call *call) {
  if (token_call->envoy != call) return;
  call_envoy_back(token_call);
  al_token_call_send_envoy(token_call);
  /* nobody is left who could ask the source: the lock isn't kept for that */
  if (token_call->asks == AL_NEXT_SOURCE && token_call->envoy == NULL) al_token_call_end(token_call);
}

static void ask_lua (al_token_call *token_call, al_next what) {
  token_call->asks = what;
  token_call->asked_at = al_engine_now(token_call->engine);
  token_call->asked++;
  al_token_call_send_envoy(token_call);
}

static void answered_by_lua (al_token_call *token_call) {
  token_call->asks = AL_NEXT_SEND;
  call_envoy_back(token_call);
  al_engine_due(token_call->engine, al_engine_now(token_call->engine));
}

void al_token_call_give_secret (al_token_call *token_call, al_buf *secret) {
  if (token_call->asks != AL_NEXT_SECRET) return;
  answered_by_lua(token_call);
  al_renewal_give_secret(&token_call->transaction.renewal, secret);
}

void al_token_call_sourced (al_token_call *token_call, const char *reply, size_t n) {
  answered_by_lua(token_call);
  al_renewal_sourced(&token_call->transaction.renewal, reply, n, al_engine_now(token_call->engine));
}

void al_token_call_source_failed (al_token_call *token_call, al_outcome outcome, const char *why) {
  answered_by_lua(token_call);
  al_renewal_source_failed(&token_call->transaction.renewal, outcome, why);
}

al_clocks al_token_call_clocks (const al_token_call *token_call) {
  const al_engine *e = token_call->engine;
  return (al_clocks){ .now = al_engine_now(e), .wall = al_clock_wall(), .ahead = e->ahead_ms, .clock = e->clock };
}

/* ---- what needs the program's store: law/transaction hears of it here, too ---- */

void al_token_call_loaded (al_token_call *token_call, const char *text, size_t n) {
  al_clocks clocks = al_token_call_clocks(token_call);
  answered_by_lua(token_call);
  al_transaction_loaded(&token_call->transaction, text, n, &clocks);
}

void al_token_call_locked (al_token_call *token_call, bool got, int64_t fence) {
  al_engine *e = token_call->engine;
  int64_t now = al_engine_now(e), lease = al_transaction_lease(&token_call->transaction) - (now - token_call->asked_at);
  answered_by_lua(token_call);
  token_call->fence = fence;
  al_transaction_locked(&token_call->transaction, got, lease > 0 ? lease : 1, al_engine_chance(e), now);
}

void al_token_call_saved (al_token_call *token_call, bool kept) {
  answered_by_lua(token_call);
  al_transaction_saved(&token_call->transaction, kept, al_engine_now(token_call->engine));
}

void al_token_call_unlocked (al_token_call *token_call) {
  answered_by_lua(token_call);
  al_transaction_unlocked(&token_call->transaction);
}

void al_token_call_store_broke (al_token_call *token_call, const al_fault *fault) {
  answered_by_lua(token_call);
  al_transaction_broke(&token_call->transaction, fault, al_engine_now(token_call->engine));
}

/* Only whoever keeps it can set it aside. */
static void unreadable_there (al_token_call *token_call) {
  al_fault fault;
  al_fault_set(&fault, AL_STORE, AL_MISCONFIGURED, "corrupt",
               "the program's store gave a record that can't be read, for %s; look at it, and remove it there",
               al_transaction_name(&token_call->transaction));
  al_transaction_broke(&token_call->transaction, &fault, al_engine_now(token_call->engine));
}

static bool in_program (const al_token_call *token_call) {
  return token_call->transaction.renewal.client->store == AL_STORE_PROGRAM;
}

/* ---- what needs the store's files ---- */

static al_stored_as load (al_token_call *token_call, al_fault *fault) {
  al_renewal *r = &token_call->transaction.renewal;
  al_buf text = AL_BUF_SECRET(AL_MAX_RECORD);
  al_stored_as how = al_store_load(r->client->folder, al_transaction_name(&token_call->transaction), &text, fault);
  al_clocks clocks = al_token_call_clocks(token_call);
  if (how != AL_STORE_BROKEN)
    al_transaction_loaded(&token_call->transaction, how == AL_STORE_FINE ? al_buf_text(&text) : NULL, text.n, &clocks);
  al_buf_dispose(&text);
  return how;
}

static al_stored_as lock (al_token_call *token_call, al_fault *fault) {
  al_engine *e = token_call->engine;
  al_renewal *r = &token_call->transaction.renewal;
  al_stored_as how = al_store_lock(r->client->folder, al_transaction_name(&token_call->transaction), &token_call->lock,
                                   fault);
  if (how != AL_STORE_BROKEN)
    al_transaction_locked(&token_call->transaction, how == AL_STORE_FINE, 0, al_engine_chance(e), al_engine_now(e));
  return how;
}

static al_stored_as save (al_token_call *token_call, al_fault *fault) {
  al_renewal *r = &token_call->transaction.renewal;
  al_clocks clocks = al_token_call_clocks(token_call);
  al_buf text = AL_BUF_SECRET(AL_MAX_RECORD);
  bool removes;
  al_stored_as how = AL_STORE_BROKEN;
  if (!al_transaction_document(&token_call->transaction, &clocks, &text, &removes))
    al_fault_set(fault, AL_STORE, AL_TRANSIENT, "out_of_memory", "there is no memory left for a token's record");
  else
    how = al_store_save(r->client->folder, al_transaction_name(&token_call->transaction), removes ? NULL : &text,
                        &token_call->lock, fault);
  al_buf_dispose(&text);
  if (how == AL_STORE_BUSY) al_store_unlock(&token_call->lock);
  if (how != AL_STORE_BROKEN) al_transaction_saved(&token_call->transaction, how == AL_STORE_FINE, clocks.now);
  return how;
}

static al_stored_as set_aside (al_token_call *token_call, al_fault *fault) {
  al_renewal *r = &token_call->transaction.renewal;
  al_clocks clocks = al_token_call_clocks(token_call);
  al_stored_as how = al_store_set_aside(r->client->folder, al_transaction_name(&token_call->transaction), clocks.wall,
                                        fault);
  if (how != AL_STORE_BROKEN) al_transaction_put_aside(&token_call->transaction, clocks.now);
  return how;
}

static void visit_files (al_token_call *token_call, al_next what) {
  al_fault fault;
  al_stored_as how = AL_STORE_FINE;
  switch (what) {
    case AL_NEXT_LOAD: how = load(token_call, &fault); break;
    case AL_NEXT_LOCK: how = lock(token_call, &fault); break;
    case AL_NEXT_SAVE: how = save(token_call, &fault); break;
    case AL_NEXT_ASIDE: how = set_aside(token_call, &fault); break;
    default: al_store_unlock(&token_call->lock); al_transaction_unlocked(&token_call->transaction);
  }
  if (how == AL_STORE_BROKEN) al_transaction_broke(&token_call->transaction, &fault, al_engine_now(token_call->engine));
}

/* ---- on its way ---- */

static void advance (al_token_call *token_call) {
  for (;;) {
    int64_t now = al_engine_now(token_call->engine);
    al_next next = al_transaction_next(&token_call->transaction, now);
    switch (next) {
      case AL_NEXT_SEND:
        if (send_token_call(token_call, now)) return;
        break;
      case AL_NEXT_WAIT: al_engine_due(token_call->engine, token_call->transaction.renewal.wait_until); return;
      case AL_NEXT_SOURCE:
      case AL_NEXT_SECRET: ask_lua(token_call, next); return;
      case AL_NEXT_DONE:
      case AL_NEXT_FAIL: settle_token_call(token_call, next == AL_NEXT_FAIL); return;
      default:
        if (!in_program(token_call)) visit_files(token_call, next);
        else if (next == AL_NEXT_ASIDE) unreadable_there(token_call);
        else {
          ask_lua(token_call, next);
          return;
        }
    }
  }
}

void al_token_call_heard (al_token_call *token_call) {
  al_transfer *t = &token_call->transfer;
  al_fault fault;
  bool broke = al_transfer_fault(t, &fault);
  al_report_end(token_call->transaction.renewal.client, t, broke ? &fault : NULL);
  if (broke) al_renewal_broke(&token_call->transaction.renewal, &fault, al_engine_now(token_call->engine));
  else {
    al_answer answer = al_transfer_answer(t);
    al_transaction_answered(&token_call->transaction, &answer, al_engine_chance(token_call->engine),
                            al_engine_now(token_call->engine));
  }
  advance(token_call);
}

/* Whether its request is out. A host that forgot about it (its coroutine was killed) is waited for until its time is
 * up, and no longer. */
static bool out (al_token_call *token_call, int64_t now) {
  al_transfer *t = &token_call->transfer;
  if (!t->host_transport.out) return t->handle.easy != NULL;
  if (now < token_call->transaction.renewal.deadline) {
    if (token_call->transaction.renewal.deadline != INT64_MAX)
      al_engine_due(token_call->engine, token_call->transaction.renewal.deadline);
    return true;
  }
  al_report_cancelled(token_call->transaction.renewal.client, t);
  al_http_cancel(t);
  return false;
}

static bool opens (const al_transaction *t) {
  return t->renewal.plea == AL_ASK_BY_OPENING && t->stage == AL_STAGE_ASK && !t->renewal.done;
}

/* Those whose moment has come. A device code is asked for as long as someone waits; a renewal goes on regardless, as
 * its answer may be the only new refresh token. */
void al_token_call_ring (al_engine *e, int64_t now) {
  for (al_token_call *p = e->token_calls, *next; p != NULL; p = next) {
    next = p->next;
    if (out(p, now) || p->asks != AL_NEXT_SEND) continue;
    if (p->transaction.renewal.wait_until > now) al_engine_due(e, p->transaction.renewal.wait_until);
    else if (opens(&p->transaction) && al_call_waiting(e, p->transaction.renewal.credential) == NULL)
      al_token_call_end(p);
    else advance(p);
  }
}

al_token_call *al_token_call_untaken (al_engine *e) {
  for (al_token_call *p = e->token_calls; p != NULL; p = p->next)
    if (p->transfer.by_host && !p->taken) return p;
  return NULL;
}

al_token_call *al_token_call_find (al_engine *e, uint64_t id) {
  for (al_token_call *p = e->token_calls; p != NULL; p = p->next)
    if (p->id == id) return p;
  return NULL;
}

bool al_token_call_begin (al_engine *e, al_client *client, al_credential *credential, bool forced, bool by_host) {
  int64_t now = al_engine_now(e);
  al_token_call *token_call = calloc(1, sizeof *token_call);
  if (token_call == NULL) return false;
  token_call->engine = e;
  token_call->id = ++e->ids;
  token_call->next = e->token_calls;
  token_call->lock.fd = -1;
  token_call->asks = AL_NEXT_SEND;
  e->token_calls = token_call;
  al_transfer_init(&token_call->transfer);
  token_call->transfer.by_host = by_host;
  token_call->transfer.body.secret = true;
  token_call->transfer.max_body = AL_MAX_TOKEN_REPLY;
  al_transaction_begin(&token_call->transaction, client, credential, forced, now);
  /* never over before whoever begins it has found its place: what can't be sent is looked at by the next step */
  if (al_transaction_next(&token_call->transaction, now) != AL_NEXT_SEND || !send_token_call(token_call, now))
    al_engine_due(e, now);
  return true;
}
