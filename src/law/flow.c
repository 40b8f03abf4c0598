#include "law/flow.h"

#include <stdlib.h>
#include <string.h>

#include "law/header.h"
#include "law/reconcile.h"
#include "law/transaction.h"

void al_flow_begin (al_flow *f, al_client *client, al_credential *credential, al_request *request, int64_t timeout_ms,
                    int64_t now) {
  memset(f, 0, sizeof *f);
  f->client = client;
  f->credential = credential;
  f->request = request;
  f->deadline = timeout_ms == INT64_MAX ? INT64_MAX : now + timeout_ms;
  f->wait_until = -1;
}

static const al_fault no_memory = { .kind = AL_NETWORK,
                                    .outcome = AL_TRANSIENT,
                                    .retry_after_ms = -1,
                                    .code = "out_of_memory",
                                    .message = "there is no memory left" };

static void forget_fault (al_flow *f) {
  if (f->fault != &no_memory) free((void *)(uintptr_t)f->fault);
  f->fault = NULL;
}

/* Where it happened: unless that was at the token endpoint, or on this machine. */
static void place (const al_flow *f, al_fault *fault) {
  const al_request *q = f->request;
  if (fault->kind == AL_NETWORK && q != NULL) al_fault_at(fault, q->method, al_buf_text(&q->url), q->url.n);
  if (f->client != NULL) al_fault_of(fault, f->client->client_id, NULL); /* an alarm is nobody's */
}

/* A fault is large and rare: it gets its place when it happens. */
static void fail (al_flow *f, const al_fault *why) {
  al_fault *own = malloc(sizeof *own);
  if (own != NULL) {
    *own = *why; /* which may be the one to be forgotten */
    place(f, own);
  }
  forget_fault(f);
  f->fault = own;
  if (f->fault == NULL) f->fault = &no_memory;
}

static void fail_with (al_flow *f, al_outcome outcome, const char *code, const char *message) {
  al_fault fault;
  al_fault_set(&fault, AL_NETWORK, outcome, code, "%s", message);
  fail(f, &fault);
}

/*
 * Within the margin before its expiry the old token still serves all but the one who sees to the new one; and where
 * that failed, it serves until it is really over.
 */
static bool usable (const al_flow *f, int64_t now) {
  const al_credential *c = f->credential;
  if (c->token == NULL || f->force || al_credential_owes(c)) return false;
  if (al_token_fresh(c->token, now)) return true;
  bool busy = c->stored != NULL && now < c->stored->retry_lock_at;
  return al_token_alive(c->token, now) && (c->renewal != NULL || c->dead != NULL || f->settle || busy);
}

/* RFC 8693 section 2.2.1: a token of type N_A isn't sent to an API. */
static al_next no_access_token (al_flow *f) {
  al_fault fault;
  al_fault_set(&fault, AL_OAUTH, AL_MISCONFIGURED, "not_an_access_token",
               "what the exchange gave isn't an access token (its type is N_A), so no request can be made with it");
  fail(f, &fault);
  return AL_NEXT_FAIL;
}

static al_next use_token (al_flow *f) {
  if (f->request == NULL) {
    f->done = true;
    return AL_NEXT_DONE;
  }
  if (f->credential->token->type == AL_NO_ACCESS_TOKEN) return no_access_token(f);
  al_token_drop(f->token);
  f->token = al_token_hold(f->credential->token);
  return AL_NEXT_SEND;
}

static bool anonymous (const al_flow *f) {
  return f->credential->grant == &al_grant_anonymous;
}

static void expired (al_flow *f) {
  al_fault fault;
  if (anonymous(f)) {
    al_fault_set(&fault, AL_OAUTH, AL_MISCONFIGURED, "no_token", "this session is anonymous: it has no token");
    fail(f, &fault);
    return;
  }
  al_fault_set(&fault, AL_OAUTH, AL_INTERACTION, "login_required",
               "there is no valid token, and nothing to get one with; the user must log in again");
  fail(f, &fault);
}

/* Where the program's store is slow to say that a lock is busy, the call may be out of time before its renewal is. */
static void too_late (al_flow *f) {
  bool bare = f->request != NULL && f->request->bare;
  if (bare || f->wait_until >= 0 || !al_transaction_waits(f->credential)) {
    fail_with(f, AL_TRANSIENT, "timeout", "there was no answer in time (option timeout)");
    return;
  }
  al_fault fault;
  al_transaction_busy(&fault);
  fail(f, &fault);
}

al_next al_flow_next (al_flow *f, int64_t now) {
  if (f->fault == NULL && !f->done && now >= f->deadline) too_late(f);
  if (f->fault != NULL) return AL_NEXT_FAIL;
  if (f->done) return AL_NEXT_DONE;
  if (f->wait_until > now) return AL_NEXT_WAIT;
  f->wait_until = -1;
  if (f->request != NULL && (f->request->bare || anonymous(f))) return AL_NEXT_SEND;
  if (usable(f, now)) return use_token(f);
  if (al_credential_hopeful(f->credential)) return AL_NEXT_TOKEN;
  if (f->credential->dead != NULL && !anonymous(f)) fail(f, f->credential->dead);
  else expired(f);
  return AL_NEXT_FAIL;
}

/* ---- a bound token's proofs (RFC 9449 section 7) ---- */

static const al_dpop *prover (const al_flow *f) {
  return f->token != NULL ? f->token->dpop : f->request != NULL ? f->request->dpop : NULL;
}

static al_nonce_of role (const al_flow *f) {
  return f->request->endpoint ? AL_OF_SERVER : AL_OF_RESOURCE;
}

bool al_flow_proves (const al_flow *f) {
  return prover(f) != NULL;
}

bool al_flow_prove (al_flow *f, const al_stamp *stamp) {
  al_request *q = f->request;
  const char *nonce = al_nonces_find(&f->client->nonces, role(f), &q->where),
             *ath = f->token != NULL ? f->token->ath : NULL;
  if (al_dpop_prove(prover(f), &q->proof, q->method, &q->where, ath, nonce, stamp)) return true;
  al_fault fault;
  al_fault_set(&fault, AL_NETWORK, AL_TRANSIENT, "out_of_memory", "there is no memory left for a proof of the key");
  al_flow_broke(f, &fault);
  return false;
}

/* Section 9: the same request and token once more, with the nonce that came along; whatever comes next, not twice in a
 * row. */
static bool with_nonce (al_flow *f, const al_answer *a) {
  if (prover(f) == NULL) return false;
  bool fresh = al_nonces_hear(&f->client->nonces, role(f), &f->request->where, a->head, a->head_n);
  bool asked = fresh && a->status == 401 && !f->nonced && al_request_repeatable(f->request) &&
               al_header_challenges(a->head, a->head_n, "use_dpop_nonce");
  f->nonced = asked;
  if (asked) al_client_note(f->client, "retry", a->status, "use_dpop_nonce", 0);
  return asked;
}

/* A GET with a body is led like a POST: the body belongs to its origin. */
static bool safe_method (const al_request *q) {
  return !q->has_body && !q->reads && (strcmp(q->method, "GET") == 0 || strcmp(q->method, "HEAD") == 0);
}

/* Whether this redirect may be followed, and how: RFC 9110 section 15.4, with credentials kept to their origin. */
static bool may_follow (const al_request *q, int status, const al_url *here, const al_url *there) {
  /* a host is spoken to without TLS because the program says so, not because another host does */
  const char *plain = al_url_same_origin(here, there) ? q->plain : NULL;
  if (!al_url_may_name(here, there, plain)) return false;
  if (safe_method(q) || status == 303) return true;
  return (status == 307 || status == 308) && al_url_same_origin(here, there) && al_request_repeatable(q);
}

static bool follow (al_flow *f, const al_answer *a) {
  al_request *q = f->request;
  al_url here = q->where, there;
  bool redirect = a->status == 301 || a->status == 302 || a->status == 303 || a->status == 307 || a->status == 308;
  if (!redirect || a->location == NULL || q->endpoint) return false;
  size_t n = strcspn(a->location, "#"); /* a fragment is for the reader, not for the server */
  if (al_url_parse_sent(&there, a->location, n) != NULL) return false;
  if (f->client->settings.max_redirects == 0 || !may_follow(q, a->status, &here, &there)) return false;
  if (++f->redirects > f->client->settings.max_redirects) {
    fail_with(f, AL_MISCONFIGURED, "redirects", "the request was redirected again and again");
    return true;
  }
  if (!al_url_same_origin(&here, &there)) q->bare = true;
  if (!safe_method(q) && a->status == 303) {
    memcpy(q->method, "GET", 4);
    al_request_drop_body(q);
  }
  if (al_request_redirect(q, a->location, n) != NULL)
    fail_with(f, AL_MISCONFIGURED, "redirects", "the request was redirected to a URL that can't be used");
  return true;
}

/* Whether a new token would change nothing (RFC 6750 section 3.1, RFC 9470 section 3, RFC 9449 section 7.1).
 * `invalid_request` isn't among them: some servers say it of a token that is over, and one renewal is the most that is
 * made. */
static bool in_vain (const al_answer *a) {
  static const char *const errors[] = { "insufficient_scope", "insufficient_user_authentication", "invalid_dpop_proof",
                                        "use_dpop_nonce" };
  for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
    if (al_header_challenges(a->head, a->head_n, errors[i])) return true;
  return false;
}

static void drop (al_flow *f, uint64_t serial) {
  al_credential_refuse(f->credential, serial);
  al_client_note(f->client, "token_dropped", 401, "", -1);
}

/* One new token for one refusal; where the request can't be sent again, it is for whatever comes next. */
static bool renew (al_flow *f, const al_answer *a) {
  if (a->status != 401 || f->renewed || f->token == NULL) return false;
  if (!al_credential_hopeful(f->credential) || in_vain(a)) return false;
  f->renewed = true;
  if (al_request_repeatable(f->request)) drop(f, f->token->serial);
  else f->refused = f->token->serial;
  return f->refused == 0;
}

void al_flow_over (al_flow *f) {
  if (f->refused != 0) drop(f, f->refused);
  f->refused = 0;
}

static bool again (al_flow *f, const al_answer *a, unsigned jitter, int64_t now) {
  const al_client *client = f->client;
  if ((a->status != 429 && a->status != 503) || f->tries >= client->settings.retries ||
      !al_request_repeatable(f->request))
    return false;
  int64_t pause = al_next_pause(f->tries + 1, al_header_retry_after(a->head, a->head_n, a->wall_ms), jitter);
  if (pause >= f->deadline - now) return false; /* the answer it has is worth more than a time-out later */
  f->tries++;
  f->wait_until = now + pause;
  al_client_note(f->client, "retry", a->status, "", pause);
  return true;
}

void al_flow_answered (al_flow *f, const al_answer *a, unsigned jitter, int64_t now) {
  if (!with_nonce(f, a) && !renew(f, a) && !again(f, a, jitter, now) && !follow(f, a)) f->done = true;
  al_token_drop(f->token);
  f->token = NULL;
}

void al_flow_broke (al_flow *f, const al_fault *fault) {
  fail(f, fault);
  al_token_drop(f->token);
  f->token = NULL;
}

/* Another call's renewal may have been almost out of time when this one joined it. */
static bool insists (al_flow *f, const al_fault *fault, int64_t now) {
  if (!f->joined || f->insists || now >= f->deadline || strcmp(fault->code, "timeout") != 0) return false;
  f->insists = true;
  return true;
}

void al_flow_renewed (al_flow *f, const al_fault *fault, int64_t now) {
  const al_token *token = f->credential->token;
  if (fault == NULL) f->force = false;
  else if (!f->force && token != NULL && al_token_alive(token, now) && !al_credential_owes(f->credential) &&
           !f->credential->sourced) /* a source that fails is heard of */
    f->settle = true;
  else if (!insists(f, fault, now)) fail(f, fault);
}

void al_flow_dispose (al_flow *f) {
  forget_fault(f);
  al_token_drop(f->token);
  f->token = NULL;
}
