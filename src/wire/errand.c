#include "wire/errand.h"

#include <stddef.h>
#include <stdlib.h>

#include "ground/clock.h"
#include "law/stored.h"
#include "law/transaction.h"

static void call_envoy_back (al_errand *errand) {
  if (errand->envoy != NULL) errand->envoy->wants &= ~(AL_WANTS_SECRET | AL_WANTS_STORE);
  errand->envoy = NULL;
}

void al_errand_end (al_errand *errand) {
  al_engine *e = errand->engine;
  for (al_errand **p = &e->errands; *p != NULL; p = &(*p)->next)
    if (*p == errand) {
      *p = errand->next;
      break;
    }
  al_credential *credential = errand->renewal.credential;
  call_envoy_back(errand);
  al_store_unlock(&errand->lock);
  al_transfer_dispose(&errand->transfer);
  al_renewal_dispose(&errand->renewal);
  al_cache_release(credential);
  free(errand);
}

static void settle_errand (al_errand *errand, bool failed) {
  al_engine *e = errand->engine;
  al_credential *credential = al_cache_hold(errand->renewal.credential);
  al_fault fault;
  if (failed) fault = errand->renewal.fault;
  al_errand_end(errand);
  al_engine_wake(e, credential, failed ? &fault : NULL);
  al_cache_release(credential);
}

static bool send_errand (al_errand *errand, int64_t now) {
  al_renewal *r = &errand->renewal;
  al_moment moment;
  if (!al_engine_moment(&moment, &r->fault) || !al_renewal_compose(r, &moment)) return false;
  const char *authorization = r->authorization.n > 0 ? r->authorization.bytes : NULL;
  const al_settings *settings = &r->client->settings;
  int64_t time = al_engine_left(r->deadline, now);
  if (time > settings->timeout_ms) time = settings->timeout_ms;
  if (al_http_start(&errand->engine->http, &errand->transfer, settings, &r->request, authorization, time)) {
    al_client_note(r->client, "token_requested", 0, "", -1);
    if (errand->transfer.carried) al_engine_due(errand->engine, r->deadline);
    return true;
  }
  al_fault fault;
  if (al_transfer_fault(&errand->transfer, &fault)) al_renewal_broke(r, &fault, now);
  return false;
}

/* ---- what needs Lua: somebody who waits for the token brings it there ---- */

al_errand *al_errand_of (const al_credential *credential) {
  al_renewal *r = credential->renewal;
  return r == NULL ? NULL : (al_errand *)(void *)((char *)r - offsetof(al_errand, renewal));
}

void al_errand_send_envoy (al_errand *errand) {
  if (errand->asks == AL_NEXT_SEND || errand->envoy != NULL) return;
  for (al_call *c = errand->engine->calls; c != NULL && errand->envoy == NULL; c = c->next)
    if (c->place == AL_CALL_WAITING && c->for_token && c->credential == errand->renewal.credential) errand->envoy = c;
  if (errand->envoy != NULL) al_call_queue(errand->envoy, errand->asks == AL_NEXT_SECRET ? AL_WANTS_SECRET : AL_WANTS_STORE);
}

void al_errand_lose_envoy (al_errand *errand, al_call *call) {
  if (errand->envoy != call) return;
  call_envoy_back(errand);
  al_errand_send_envoy(errand);
}

static void ask_lua (al_errand *errand, al_next what) {
  errand->asks = what;
  errand->asked_at = al_engine_now(errand->engine);
  errand->asked++;
  al_errand_send_envoy(errand);
}

static void answered_by_lua (al_errand *errand) {
  errand->asks = AL_NEXT_SEND;
  call_envoy_back(errand);
  al_engine_due(errand->engine, al_engine_now(errand->engine));
}

void al_errand_give_secret (al_errand *errand, al_buf *secret) {
  if (errand->asks != AL_NEXT_SECRET) return;
  answered_by_lua(errand);
  al_renewal_give_secret(&errand->renewal, secret);
}

al_instant al_errand_instant (const al_errand *errand) {
  const al_engine *e = errand->engine;
  return (al_instant){ .now = al_engine_now(e), .wall = al_clock_wall(), .ahead = e->ahead_ms, .clock = e->clock };
}

/* ---- what needs the program's store: law/transaction hears of it here, too ---- */

void al_errand_loaded (al_errand *errand, const char *text, size_t n) {
  al_instant instant = al_errand_instant(errand);
  answered_by_lua(errand);
  al_transaction_loaded(&errand->renewal, text, n, &instant);
}

void al_errand_locked (al_errand *errand, bool got, int64_t fence) {
  al_engine *e = errand->engine;
  int64_t now = al_engine_now(e), lease = al_transaction_lease(&errand->renewal) - (now - errand->asked_at);
  answered_by_lua(errand);
  errand->fence = fence;
  al_transaction_locked(&errand->renewal, got, lease > 0 ? lease : 1, al_engine_chance(e), now);
}

void al_errand_saved (al_errand *errand, bool kept) {
  answered_by_lua(errand);
  al_transaction_saved(&errand->renewal, kept, al_engine_now(errand->engine));
}

void al_errand_unlocked (al_errand *errand) {
  answered_by_lua(errand);
  al_transaction_unlocked(&errand->renewal);
}

void al_errand_store_broke (al_errand *errand, const al_fault *fault) {
  answered_by_lua(errand);
  al_transaction_broke(&errand->renewal, fault, al_engine_now(errand->engine));
}

/* Only whoever keeps it can set it aside. */
static void unreadable_there (al_errand *errand) {
  al_fault fault;
  al_fault_set(&fault, AL_STORE, AL_MISCONFIGURED, "corrupt",
               "the program's store gave a record that can't be read, for %s; look at it, and remove it there",
               errand->renewal.credential->stored->name);
  al_transaction_broke(&errand->renewal, &fault, al_engine_now(errand->engine));
}

static bool in_program (const al_errand *errand) {
  return errand->renewal.client->store == AL_STORE_PROGRAM;
}

/* ---- what needs the store's files ---- */

static al_stored_as load (al_errand *errand, al_fault *fault) {
  al_renewal *r = &errand->renewal;
  al_buf text = AL_BUF_SECRET(AL_MAX_RECORD);
  al_stored_as how = al_store_load(r->client->folder, r->credential->stored->name, &text, fault);
  al_instant instant = al_errand_instant(errand);
  if (how != AL_STORE_BROKEN) al_transaction_loaded(r, how == AL_STORE_FINE ? al_buf_text(&text) : NULL, text.n, &instant);
  al_buf_dispose(&text);
  return how;
}

static al_stored_as lock (al_errand *errand, al_fault *fault) {
  al_engine *e = errand->engine;
  al_renewal *r = &errand->renewal;
  al_stored_as how = al_store_lock(r->client->folder, r->credential->stored->name, &errand->lock, fault);
  if (how != AL_STORE_BROKEN) al_transaction_locked(r, how == AL_STORE_FINE, 0, al_engine_chance(e), al_engine_now(e));
  return how;
}

static al_stored_as save (al_errand *errand, al_fault *fault) {
  al_renewal *r = &errand->renewal;
  al_instant instant = al_errand_instant(errand);
  al_buf text = AL_BUF_SECRET(AL_MAX_RECORD);
  bool removes;
  al_stored_as how = AL_STORE_BROKEN;
  if (!al_transaction_document(r, &instant, &text, &removes))
    al_fault_set(fault, AL_STORE, AL_TRANSIENT, "out_of_memory", "there is no memory left for a token's record");
  else how = al_store_save(r->client->folder, r->credential->stored->name, removes ? NULL : &text, &errand->lock, fault);
  al_buf_dispose(&text);
  if (how == AL_STORE_BUSY) al_store_unlock(&errand->lock);
  if (how != AL_STORE_BROKEN) al_transaction_saved(r, how == AL_STORE_FINE, instant.now);
  return how;
}

static al_stored_as set_aside (al_errand *errand, al_fault *fault) {
  al_renewal *r = &errand->renewal;
  al_instant instant = al_errand_instant(errand);
  al_stored_as how = al_store_set_aside(r->client->folder, r->credential->stored->name, instant.wall, fault);
  if (how != AL_STORE_BROKEN) al_transaction_put_aside(r, instant.now);
  return how;
}

static void visit_files (al_errand *errand, al_next what) {
  al_fault fault;
  al_stored_as how = AL_STORE_FINE;
  switch (what) {
    case AL_NEXT_LOAD: how = load(errand, &fault); break;
    case AL_NEXT_LOCK: how = lock(errand, &fault); break;
    case AL_NEXT_SAVE: how = save(errand, &fault); break;
    case AL_NEXT_ASIDE: how = set_aside(errand, &fault); break;
    default: al_store_unlock(&errand->lock); al_transaction_unlocked(&errand->renewal);
  }
  if (how == AL_STORE_BROKEN) al_transaction_broke(&errand->renewal, &fault, al_engine_now(errand->engine));
}

/* ---- on its way ---- */

void al_errand_advance (al_errand *errand) {
  for (;;) {
    int64_t now = al_engine_now(errand->engine);
    al_next next = al_renewal_next(&errand->renewal, now);
    switch (next) {
      case AL_NEXT_SEND:
        if (send_errand(errand, now)) return;
        break;
      case AL_NEXT_WAIT: al_engine_due(errand->engine, errand->renewal.wait_until); return;
      case AL_NEXT_SECRET: ask_lua(errand, next); return;
      case AL_NEXT_DONE:
      case AL_NEXT_FAIL: settle_errand(errand, next == AL_NEXT_FAIL); return;
      default:
        if (!in_program(errand)) visit_files(errand, next);
        else if (next == AL_NEXT_ASIDE) unreadable_there(errand);
        else {
          ask_lua(errand, next);
          return;
        }
    }
  }
}

void al_errand_heard (al_errand *errand) {
  al_transfer *t = &errand->transfer;
  al_fault fault;
  if (al_transfer_fault(t, &fault)) al_renewal_broke(&errand->renewal, &fault, al_engine_now(errand->engine));
  else {
    al_answer answer = al_transfer_answer(t);
    al_renewal_answered(&errand->renewal, &answer, al_engine_chance(errand->engine), al_engine_now(errand->engine));
  }
  al_errand_advance(errand);
}

bool al_errand_out (al_errand *errand, int64_t now) {
  al_transfer *t = &errand->transfer;
  if (!t->carriage.out) return t->handle.easy != NULL;
  if (now < errand->renewal.deadline) {
    if (errand->renewal.deadline != INT64_MAX) al_engine_due(errand->engine, errand->renewal.deadline);
    return true;
  }
  al_http_cancel(t);
  return false;
}

al_errand *al_errand_untaken (al_engine *e) {
  for (al_errand *p = e->errands; p != NULL; p = p->next)
    if (p->transfer.carried && !p->taken) return p;
  return NULL;
}

al_errand *al_errand_find (al_engine *e, uint64_t id) {
  for (al_errand *p = e->errands; p != NULL; p = p->next)
    if (p->id == id) return p;
  return NULL;
}

bool al_errand_begin (al_engine *e, al_client *client, al_credential *credential, bool forced, bool carried) {
  int64_t now = al_engine_now(e);
  al_errand *errand = calloc(1, sizeof *errand);
  if (errand == NULL) return false;
  errand->engine = e;
  errand->id = ++e->ids;
  errand->next = e->errands;
  errand->lock.fd = -1;
  errand->asks = AL_NEXT_SEND;
  e->errands = errand;
  al_transfer_init(&errand->transfer);
  errand->transfer.carried = carried;
  errand->transfer.body.secret = true;
  errand->transfer.max_body = AL_MAX_TOKEN_REPLY;
  al_renewal_begin(&errand->renewal, client, credential, NULL, now);
  errand->renewal.forced = forced;
  /* never over before whoever begins it has found its place: what can't be sent is looked at by the next step */
  if (al_renewal_next(&errand->renewal, now) != AL_NEXT_SEND || !send_errand(errand, now)) al_engine_due(e, now);
  return true;
}
