#include "wire/errand.h"

#include <stdlib.h>

void al_errand_end (al_errand *errand) {
  al_engine *e = errand->engine;
  for (al_errand **p = &e->errands; *p != NULL; p = &(*p)->next)
    if (*p == errand) {
      *p = errand->next;
      break;
    }
  al_credential *credential = errand->renewal.credential;
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

void al_errand_advance (al_errand *errand) {
  int64_t now = al_engine_now(errand->engine);
  al_next next = al_renewal_next(&errand->renewal, now);
  if (next == AL_NEXT_SEND && send_errand(errand, now)) return;
  if (next == AL_NEXT_WAIT) al_engine_due(errand->engine, errand->renewal.wait_until);
  else settle_errand(errand, next != AL_NEXT_DONE);
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

bool al_errand_begin (al_engine *e, al_client *client, al_credential *credential, al_buf *secret, bool carried) {
  int64_t now = al_engine_now(e);
  al_errand *errand = calloc(1, sizeof *errand);
  if (errand == NULL) return false;
  errand->engine = e;
  errand->id = ++e->ids;
  errand->next = e->errands;
  e->errands = errand;
  al_transfer_init(&errand->transfer);
  errand->transfer.carried = carried;
  errand->transfer.body.secret = true;
  errand->transfer.max_body = AL_MAX_TOKEN_REPLY;
  al_renewal_begin(&errand->renewal, client, credential, secret, now);
  /* never over before whoever begins it has found its place: what can't be sent is looked at by the next step */
  if (al_renewal_next(&errand->renewal, now) != AL_NEXT_SEND || !send_errand(errand, now)) al_engine_due(e, now);
  return true;
}
