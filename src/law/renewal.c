#include "law/renewal.h"

#include <string.h>

#include "ground/encode.h"
#include "law/header.h"
#include "law/reconcile.h"
#include "law/refusal.h"

static void add_line (al_request *q, const char *name, const char *value) {
  al_request_header(q, name, strlen(name), value, strlen(value));
}

/* What this server wants beside the RFC's fields, encoded already. */
static bool add_params (al_buf *form, const char *params) {
  return params == NULL || (al_buf_addc(form, '&') && al_buf_adds(form, params));
}

static al_plea plea_of (const al_credential *c) {
  return c->sourced               ? AL_ASK_BY_SOURCE
         : c->refresh_token.n > 0 ? AL_ASK_BY_REFRESH
         : c->opening.n > 0       ? AL_ASK_BY_OPENING
         : c->signer != NULL      ? AL_ASK_BY_SIGNER
         : c->standing.n > 0      ? AL_ASK_BY_STANDING
                                  : AL_ASK_BY_GRANT;
}

static bool fill (al_renewal *r) {
  static const al_buf none = { .max = 0 };
  al_credential *c = r->credential;
  al_buf *form = &r->request.body;
  if (r->plea == AL_ASK_BY_REFRESH)
    return al_grant_refresh(form, &c->refresh_token, c->grant->narrows ? &c->scope : &none);
  if (r->plea == AL_ASK_BY_SIGNER) return al_grant_bearer(form, &c->scope);
  if (r->plea == AL_ASK_BY_STANDING) return al_buf_add(form, c->standing.bytes, c->standing.n);
  r->request.once = r->plea == AL_ASK_BY_OPENING && c->poll_ms == 0;
  if (r->plea == AL_ASK_BY_OPENING) return al_buf_add(form, c->opening.bytes, c->opening.n);
  return c->grant->fill != NULL && c->grant->fill(form, &c->scope) && add_params(form, r->client->token_params);
}

/* RFC 8707 section 2.2 */
static bool add_resource (al_buf *form, const al_buf *resource) {
  return resource->n == 0 || (al_buf_addc(form, '&') && al_buf_add(form, resource->bytes, resource->n));
}

/* RFC 6749 section 3.2: POST, a form; who asks is proved when it goes out. */
static bool write_form (al_renewal *r) {
  al_request *q = &r->request;
  const char *endpoint = r->client->endpoints[AL_TOKEN_ENDPOINT];
  memcpy(q->method, "POST", 5);
  q->purpose = "token";
  q->plain = r->client->settings.plain_http;
  q->has_body = true;
  add_line(q, "Content-Type", "application/x-www-form-urlencoded");
  add_line(q, "Accept", "application/json");
  bool ok = al_request_lead(q, endpoint, strlen(endpoint)) == NULL && fill(r) &&
            add_resource(&q->body, &r->credential->resource);
  r->form_n = q->body.n;
  return ok;
}

static void no_key (al_renewal *r) {
  const al_reconcile *s = r->credential->stored;
  if (s == NULL || !s->keyless)
    al_fault_set(&r->fault, AL_NETWORK, AL_TRANSIENT, "out_of_memory",
                 "there is no memory left for a key to bind a token to");
  else
    al_fault_set(&r->fault, AL_STORE, AL_INTERACTION, "unusable_key",
                 "the key that the stored tokens are bound to can't be read; the user must log in again");
}

static void prepare (al_renewal *r) {
  al_request_dispose(&r->request);
  al_request_init(&r->request);
  r->prepared = true;
  if (r->plea == AL_ASK_BY_SOURCE) return;
  if (!al_credential_bind(r->credential)) no_key(r);
  else if (!write_form(r))
    al_fault_set(&r->fault, AL_NETWORK, AL_TRANSIENT, "out_of_memory", "there is no memory left for a token request");
}

/* RFC 6749 section 2.3: one proof. An assertion is good for one request (RFC 7523 section 3, item 7), so none is sent
 * twice. */
static bool add_assertion (al_renewal *r, const al_stamp *stamp) {
  if (r->plea != AL_ASK_BY_SIGNER) return true;
  al_buf jwt = AL_BUF_SECRET(AL_MAX_JWT);
  bool ok = al_signer_sign(r->credential->signer, &jwt, stamp) &&
            al_encode_field(&r->request.body, "assertion", jwt.bytes, jwt.n);
  al_buf_dispose(&jwt);
  if (!ok)
    al_fault_set(&r->fault, AL_OAUTH, AL_MISCONFIGURED, "unusable_key", "the assertion can't be signed with its key");
  return ok;
}

/* RFC 9449 section 5: a proof of the key, with whatever the client authenticates. */
static bool add_key_proof (al_renewal *r, const al_stamp *stamp) {
  al_request *q = &r->request;
  const al_dpop *dpop = r->client->binds ? r->credential->dpop : NULL;
  if (dpop == NULL) return true;
  q->once = true; /* libcurl would repeat it with this same proof, which is good once */
  const char *nonce = al_nonces_find(&r->client->nonces, AL_OF_SERVER, &q->where);
  if (al_dpop_prove(dpop, &q->proof, q->method, &q->where, NULL, nonce, stamp)) return true;
  al_fault_set(&r->fault, AL_NETWORK, AL_TRANSIENT, "out_of_memory", "there is no memory left for a proof of the key");
  return false;
}

bool al_renewal_compose (al_renewal *r, const al_stamp *stamp) {
  al_request *q = &r->request;
  if (r->fault.kind != AL_FINE) return false;
  al_buf_cut(&q->body, r->form_n);
  al_buf_clear(&r->authorization);
  if (!add_assertion(r, stamp) || !add_key_proof(r, stamp)) return false;
  return al_client_prove(r->client, &q->body, &r->authorization, r->secret.n > 0 ? &r->secret : NULL, stamp, &r->fault);
}

static bool polls (const al_renewal *r) {
  return r->plea == AL_ASK_BY_OPENING && r->credential->poll_ms > 0;
}

bool al_renewal_needs_secret (const al_renewal *r) {
  return r->client->asks_secret && r->secret.n == 0 && r->plea != AL_ASK_BY_SOURCE;
}

int64_t al_renewal_patience (const al_renewal *r, int64_t now) {
  int64_t timeout = r->client->settings.timeout_ms;
  return timeout == INT64_MAX ? INT64_MAX : now + timeout;
}

void al_renewal_prepare (al_renewal *r, int64_t now) {
  r->plea = plea_of(r->credential);
  r->opened = r->credential->openings;
  r->prepared = false;
  r->deadline = polls(r) ? r->credential->poll_until : al_renewal_patience(r, now);
}

void al_renewal_init (al_renewal *r, al_client *client, al_credential *credential, al_buf *secret, int64_t now) {
  memset(r, 0, sizeof *r);
  al_request_init(&r->request);
  r->authorization = AL_BUF_SECRET(4 * AL_MAX_SECRET);
  r->secret = AL_BUF_SECRET(AL_MAX_SECRET);
  if (secret != NULL) al_buf_take(&r->secret, secret);
  credential->refs++;
  r->client = al_client_hold(client);
  r->credential = credential;
  credential->renewal = r;
  al_fault_clear(&r->fault);
  al_renewal_prepare(r, now);
  r->wait_until = polls(r) ? now + credential->poll_ms : -1; /* the user hasn't even read the code yet */
}

void al_renewal_begin (al_renewal *r, al_client *client, al_credential *credential, al_buf *secret, int64_t now) {
  al_renewal_init(r, client, credential, secret, now);
  prepare(r);
}

void al_renewal_give_secret (al_renewal *r, al_buf *secret) {
  al_buf_take(&r->secret, secret);
}

/* The server asked to be left alone: a token call that can't wait as long as that isn't begun, unless the program asks
 * for it by name. */
bool al_renewal_asked_to_wait (al_renewal *r, int64_t now) {
  int64_t until = r->credential->not_before;
  if (until <= now || r->heedless) return false;
  if (until < r->deadline) {
    r->wait_until = until;
    return true;
  }
  al_fault_set(&r->fault, AL_OAUTH, AL_TRANSIENT, "slow_down",
               "the token endpoint asked to be left alone for another %lld s", (long long)(until - now + 999) / 1000);
  r->fault.retry_after_ms = until - now;
  return true;
}

/* RFC 8628 section 3.5: a device code that has run out needs the user, who must ask for a new one. */
static void too_late (al_renewal *r) {
  if (polls(r))
    al_fault_set(&r->fault, AL_OAUTH, AL_INTERACTION, "expired_token",
                 "the device code has expired before the user entered it");
  else if (r->plea == AL_ASK_BY_SOURCE)
    al_fault_set(&r->fault, AL_OAUTH, AL_TRANSIENT, "source_failed",
                 "the token's source gave none in time (option timeout)");
  else
    al_fault_set(&r->fault, AL_NETWORK, AL_TRANSIENT, "timeout",
                 "the token endpoint didn't answer in time (option timeout)");
}

/* The user began anew meanwhile: the older device code is given up for the newer one, which has its own interval and
 * life. What the server said of the older one counts no more. */
static void follow_newer_code (al_renewal *r, int64_t now) {
  if (!polls(r) || r->done || r->opened == r->credential->openings || r->credential->opening.n == 0) return;
  al_fault_clear(&r->fault);
  al_renewal_prepare(r, now);
  r->tries = 0;
  r->wait_until = now + r->credential->poll_ms;
}

al_next al_renewal_next (al_renewal *r, int64_t now) {
  follow_newer_code(r, now);
  if (r->fault.kind == AL_FINE && !r->done && now >= r->deadline) too_late(r);
  if (r->fault.kind != AL_FINE) return AL_NEXT_FAIL;
  if (r->done) return AL_NEXT_DONE;
  if (r->wait_until > now || al_renewal_asked_to_wait(r, now))
    return r->fault.kind != AL_FINE ? AL_NEXT_FAIL : AL_NEXT_WAIT;
  r->wait_until = -1;
  if (r->plea == AL_ASK_BY_SOURCE) return AL_NEXT_SOURCE;
  if (al_renewal_needs_secret(r)) return AL_NEXT_SECRET;
  if (!r->prepared) prepare(r);
  return r->fault.kind != AL_FINE ? AL_NEXT_FAIL : AL_NEXT_SEND;
}

/* 429 or 503: once more, if there is a try and time left; the wish to be left alone holds for later token calls too. */
static bool again (al_renewal *r, const al_answer *a, unsigned jitter, int64_t now) {
  if (a->status != 429 && a->status != 503) return false;
  int64_t asked = al_header_retry_after(a->head, a->head_n, a->wall_ms);
  if (asked > AL_MAX_REST_MS) asked = AL_MAX_REST_MS; /* an absurd one would lock everybody out, for years */
  r->postponed = asked > 0;
  if (asked > 0) r->credential->not_before = now + asked;
  if (r->tries >= r->client->settings.retries) return false;
  int64_t pause = al_next_pause(++r->tries, asked, jitter);
  if (polls(r) && pause < r->credential->poll_ms)
    pause = r->credential->poll_ms; /* RFC 8628 section 3.5: never sooner */
  if (pause >= r->deadline - now) return false;
  r->wait_until = now + pause;
  al_client_note(r->client, "token_retry", a->status, "", pause);
  return true;
}

/* A definite no to a refresh token is remembered, and the user must log in again. */
static void judge_no (al_renewal *r, const al_answer *a) {
  al_fault *f = &r->fault;
  bool refresh = r->plea == AL_ASK_BY_REFRESH;
  al_refusal refusal = al_refusal_of(f, r->client, a, refresh);
  al_refusal_advise(f, refusal, r->client, r->secret.n > 0 ? &r->secret : &r->client->client_secret);
  if (refusal == AL_REFUSED_PERHAPS) f->outcome = AL_INTERACTION;
  if (refusal != AL_REFUSED_GRANT) return;
  if (r->plea == AL_ASK_BY_OPENING) f->outcome = AL_INTERACTION;
  if (r->plea == AL_ASK_BY_STANDING) { /* asked with again, it would be refused again */
    f->outcome = AL_INTERACTION;
    al_credential_bury(r->credential, f);
  }
  if (!refresh) return;
  if (r->defers) r->denied = true;
  else al_renewal_refused(r);
}

void al_renewal_refused (al_renewal *r) {
  al_credential *c = r->credential;
  if (c->stored != NULL) al_reconcile_refuse(c);
  bool said = strcmp(r->fault.code, "malformed_reply") != 0;
  al_credential_refused(c, said ? r->fault.code : "", r->fault.description, r->fault.status);
  if (c->dead == NULL) return;
  char challenge[AL_MAX_CHALLENGE];
  memcpy(challenge, r->fault.challenge, sizeof challenge);
  r->fault = *c->dead;
  memcpy(r->fault.challenge, challenge, sizeof challenge);
}

/* A web page that stands in for the endpoint for a while: a proxy's, a portal's. One that says "not found" will stay.
 */
static bool page_between (const al_answer *a) {
  size_t i = 0;
  while (i < a->body_n && (a->body[i] == ' ' || (a->body[i] >= '\t' && a->body[i] <= '\r'))) i++;
  return i < a->body_n && a->body[i] == '<' && (a->status == 403 || a->status < 300 || a->status >= 500);
}

/* RFC 8628 section 3.5: the user hasn't decided yet; slow_down is for good. What says nothing of the code doesn't end
 * the wait for the user, as long as the code lives. */
static bool keep_polling (al_renewal *r, const al_answer *a, int64_t now) {
  if (!polls(r)) return false;
  bool passing = r->fault.kind == AL_OAUTH && r->fault.outcome == AL_TRANSIENT;
  if (strcmp(r->fault.code, "slow_down") == 0) r->credential->poll_ms += AL_DEVICE_SLOW_DOWN_MS;
  else if (strcmp(r->fault.code, "authorization_pending") != 0 && !passing && !page_between(a)) return false;
  r->wait_until = now + r->credential->poll_ms;
  al_fault_clear(&r->fault);
  return true;
}

/* RFC 9449 section 8: the same once more, with the nonce that came along. It wasn't looked at, so a code is still good.
 */
static bool with_nonce (al_renewal *r, const al_answer *a, bool fresh) {
  bool asked = fresh && strcmp(r->fault.code, "use_dpop_nonce") == 0 && !r->nonced;
  r->nonced = asked;
  if (!asked) return false;
  al_client_note(r->client, "token_retry", a->status, r->fault.code, 0);
  al_fault_clear(&r->fault);
  return true;
}

static void said_no (al_renewal *r, const al_answer *a, int64_t now) {
  al_client *client = r->client;
  if (keep_polling(r, a, now)) return;
  r->fault.retry_after_ms = al_header_retry_after(a->head, a->head_n, a->wall_ms);
  al_client_place(client, &r->fault);
  al_header_note_challenges(&r->fault, a->head, a->head_n);
  judge_no(r, a);
  al_client_note(client, "token_refused", a->status, r->fault.code, -1);
}

/* RFC 8693 section 2.2.1: what an exchange gives must say what it is, and what isn't an access token comes by no other
 * way. */
static bool fitting (al_renewal *r, const al_answer *a, const al_reply *reply) {
  bool exchange = r->credential->grant == &al_grant_token_exchange;
  if (exchange && r->plea != AL_ASK_BY_REFRESH && reply->issued_token_type.n == 0)
    al_fault_set(&r->fault, AL_OAUTH, AL_MISCONFIGURED, "malformed_reply",
                 "the token endpoint's answer (status %d) names no issued_token_type, as an exchange must", a->status);
  else if (reply->type == AL_NO_ACCESS_TOKEN && !exchange)
    al_fault_set(&r->fault, AL_OAUTH, AL_MISCONFIGURED, "unsupported_token_type",
                 "the token endpoint gave a token of type \"N_A\", which no API takes");
  else if (reply->type == AL_BOUND && (!r->client->binds || r->credential->dpop == NULL))
    al_fault_set(&r->fault, AL_OAUTH, AL_MISCONFIGURED, "unsupported_token_type",
                 "the token endpoint gave a token that is bound to a key (DPoP), and none was shown; set option dpop");
  else if (reply->type == AL_BEARER && r->client->binds && !r->client->unbound_too)
    al_fault_set(
      &r->fault, AL_OAUTH, AL_MISCONFIGURED, "unbound_token",
      "the token endpoint gave a token that isn't bound to our key (Bearer in place of DPoP), so it isn't used");
  r->fault.status = a->status;
  return r->fault.kind == AL_FINE;
}

static void said_yes (al_renewal *r, const al_answer *a, al_reply *reply, int64_t now) {
  al_client *client = r->client;
  bool typed = reply->typed;
  r->done = al_credential_adopt(r->credential, reply, now);
  if (!r->done) {
    al_fault_set(&r->fault, AL_NETWORK, AL_TRANSIENT, "out_of_memory", "there is no memory left for a token");
    return;
  }
  al_client_note(client, "token_received", a->status, "", -1);
  if (!typed) al_client_note(client, "warning", a->status, "missing_token_type", -1);
}

void al_renewal_answered (al_renewal *r, const al_answer *a, unsigned jitter, int64_t now) {
  r->denied = r->postponed = false;
  bool fresh = r->client->binds &&
               al_nonces_hear(&r->client->nonces, AL_OF_SERVER, &r->request.where, a->head, a->head_n);
  if (again(r, a, jitter, now)) return;
  al_reply reply;
  al_reply_init(&reply);
  reply.quirks = &r->client->quirks;
  if (al_reply_read(&reply, &r->fault, a->status, a->body, a->body_n) && fitting(r, a, &reply))
    said_yes(r, a, &reply, now);
  else if (!with_nonce(r, a, fresh)) said_no(r, a, now);
  al_reply_dispose(&reply);
}

/* The server may have answered, and nobody heard it: the same refresh token once more, as many servers forgive that for
 * a while. */
static bool repeat (al_renewal *r, const al_fault *fault, int64_t now) {
  static const char *const lost[] = { "cut_off", "empty_reply", "malformed_response" };
  bool may_be = false;
  for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) may_be = may_be || strcmp(fault->code, lost[i]) == 0;
  int64_t pause = AL_BACKOFF_MS / 2;
  if (!may_be || r->plea != AL_ASK_BY_REFRESH || r->repeated || pause >= r->deadline - now) return false;
  r->repeated = true;
  r->wait_until = now + pause;
  al_client_note(r->client, "token_retry", 0, fault->code, pause);
  return true;
}

/* RFC 8628 section 3.5: a connection that times out makes polling slower, it doesn't end it. */
void al_renewal_broke (al_renewal *r, const al_fault *fault, int64_t now) {
  if (polls(r) && fault->outcome == AL_TRANSIENT) {
    if (r->credential->poll_ms < AL_MAX_BACKOFF_MS * 4) r->credential->poll_ms *= 2;
    r->wait_until = now + r->credential->poll_ms;
    return;
  }
  if (repeat(r, fault, now)) return;
  r->fault = *fault;
  al_client_place(r->client, &r->fault);
  al_client_note(r->client, "token_failed", 0, fault->code, -1);
}

void al_renewal_dispose (al_renewal *r) {
  if (r->plea == AL_ASK_BY_OPENING && r->credential != NULL)
    al_buf_dispose(&r->credential->opening); /* it was good for one token call */
  if (r->credential != NULL && r->credential->renewal == r) r->credential->renewal = NULL;
  al_client_drop(r->client);
  r->client = NULL;
  r->credential = NULL; /* the reference is given back by whoever knows the cache */
  al_request_dispose(&r->request);
  al_buf_dispose(&r->authorization);
  al_buf_dispose(&r->secret);
}
