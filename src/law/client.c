#include "law/client.h"

#include <stdlib.h>
#include <string.h>

#include "ground/crypto.h"
#include "ground/jws.h"
#include "ground/limits.h"
#include "law/trip.h"

al_client *al_client_new (void) {
  al_client *c = calloc(1, sizeof *c);
  if (c == NULL) return NULL;
  c->refs = 1;
  c->client_secret = c->private_key = c->seal_secret = AL_BUF_SECRET(AL_MAX_SECRET);
  c->headers = AL_BUF_SECRET(AL_MAX_REQUEST_HEADER_BYTES);
  c->settings = (al_settings){ .timeout_ms = AL_TIMEOUT_MS,
                               .connect_timeout_ms = AL_CONNECT_TIMEOUT_MS,
                               .max_body = AL_MAX_BODY,
                               .retries = AL_RETRIES,
                               .max_redirects = AL_MAX_REDIRECTS,
                               .max_connections = AL_MAX_CONNECTIONS,
                               .stall_timeout_ms = AL_STALL_TIMEOUT_MS };
  return c;
}

al_client *al_client_hold (al_client *c) {
  c->refs++;
  return c;
}

void al_client_drop (al_client *c) {
  if (c == NULL || --c->refs > 0) return;
  for (int i = 0; i < AL_ENDPOINTS; i++) free(c->endpoints[i]);
  free(c->issuer);
  free(c->client_id);
  free(c->folder);
  free(c->token_params);
  al_quirks_dispose(&c->quirks);
  free(c->alg);
  free(c->kid);
  free(c->audience);
  free(c->settings.ca_file);
  free(c->settings.cert_file);
  free(c->settings.key_file);
  free(c->settings.proxy);
  free(c->settings.plain_http);
  free(c->settings.user_agent);
  while (al_client_noted(c) != NULL) al_client_told(c);
  free(c->notes);
  al_buf_dispose(&c->client_secret);
  al_buf_dispose(&c->private_key);
  al_buf_dispose(&c->seal_secret);
  al_buf_dispose(&c->headers);
  al_key_drop(c->key);
  al_dpop_drop(c->dpop);
  al_nonces_dispose(&c->nonces);
  free(c);
}

/* Lengths go in as well, so that "ab","c" and "a","bc" differ. */
static void add_part (al_buf *out, const char *bytes, size_t n) {
  al_buf_addf(out, "%zu:", n);
  al_buf_add(out, bytes, n);
}

static void add_all (const al_client *c, al_buf *all, const al_buf *secret) {
  for (int i = 0; i < AL_ENDPOINTS; i++) {
    if (i >= AL_USERINFO_ENDPOINT && c->endpoints[i] == NULL) continue; /* seals of before there were these stay good */
    if (i >= AL_USERINFO_ENDPOINT) al_buf_addf(all, "%d:", i);
    const char *text = c->endpoints[i] != NULL ? c->endpoints[i] : "";
    add_part(all, text, strlen(text));
  }
  add_part(all, c->client_id != NULL ? c->client_id : "", c->client_id != NULL ? strlen(c->client_id) : 0);
  add_part(all, c->auth->name, strlen(c->auth->name));
  add_part(all, al_buf_text(secret), secret->n);
  const char *params = c->token_params != NULL ? c->token_params : "";
  add_part(all, params, strlen(params));
  const char *cert = c->settings.cert_file != NULL ? c->settings.cert_file : "";
  add_part(all, cert, strlen(cert));
  if (!c->binds) return;
  const char *own = c->dpop != NULL ? c->dpop->jkt : "";
  add_part(all, own, strlen(own));
  add_part(all, c->unbound_too ? "bound or not" : "bound", c->unbound_too ? 12 : 5);
}

/* What only the client has: its secret, or the text of its key. */
static const al_buf *proof_of (const al_client *c) {
  return c->auth->means == AL_BY_KEY ? &c->private_key : &c->client_secret;
}

static bool digest (al_buf *all, bool (*how)(unsigned char *, const void *, size_t), unsigned char out[32]) {
  bool ok = !all->broken && how(out, all->bytes, all->n);
  al_buf_dispose(all);
  return ok;
}

bool al_client_identify (al_client *c, uint64_t salt) {
  al_buf all = AL_BUF_SECRET(16 * AL_MAX_SECRET);
  add_all(c, &all, proof_of(c));
  add_part(&all, c->folder != NULL ? c->folder : "", c->folder != NULL ? strlen(c->folder) : 0);
  al_buf_addf(&all, "%llu", (unsigned long long)salt);
  return digest(&all, al_crypto_name, c->identity);
}

bool al_client_seal_key (const al_client *c, const al_buf *secret, unsigned char key[32]) {
  al_buf all = AL_BUF_SECRET(16 * AL_MAX_SECRET);
  al_buf_adds(&all, c->seal_secret.n > 0 ? "seal_key of a saved authorization" : "seal of a saved authorization");
  add_all(c, &all, c->seal_secret.n > 0 ? &c->seal_secret : secret != NULL ? secret : proof_of(c));
  return digest(&all, al_crypto_sha256, key);
}

bool al_client_seals (const al_client *c) {
  return c->seal_secret.n > 0 || proof_of(c)->n > 0;
}

static bool no_proof (al_fault *fault, const char *why) {
  if (why != NULL) al_fault_set(fault, AL_OAUTH, AL_MISCONFIGURED, "unusable_key", "the client's private_key %s", why);
  else
    al_fault_set(fault, AL_NETWORK, AL_TRANSIENT, "out_of_memory",
                 "there is no memory left to prove who the client is");
  return false;
}

/* NULL: no key is needed, or it was found; else what is wrong with the one that was given. */
static const char *find_key (const al_client *c, const al_buf *given, al_key **key) {
  const char *why = NULL;
  if (c->auth->means != AL_BY_KEY) return NULL;
  *key = given == NULL ? al_key_hold(c->key) : al_key_read(al_buf_text(given), given->n, true, &why);
  if (*key == NULL) return why != NULL ? why : "is missing";
  return c->alg == NULL || al_jws_fits(c->alg, *key) ? NULL
                                                     : "is of another kind than token_endpoint_auth_signing_alg needs";
}

bool al_client_prove (const al_client *c, al_buf *form, al_buf *header, const al_buf *given, const al_stamp *stamp,
                      al_fault *fault) {
  al_key *key = NULL;
  const char *why = find_key(c, given, &key), *named = key != NULL && key->kid[0] != '\0' ? key->kid : NULL;
  al_claimant who = { .client_id = c->client_id,
                      .secret = given != NULL ? given : &c->client_secret,
                      .key = key,
                      .alg = c->alg,
                      .kid = c->kid != NULL ? c->kid : named,
                      .audience = c->audience != NULL ? c->audience
                                  : c->issuer != NULL ? c->issuer
                                                      : c->endpoints[AL_TOKEN_ENDPOINT],
                      .raw_basic = c->raw_basic,
                      .skew_s = c->clock_skew_s,
                      .stamp = stamp };
  bool ok = why == NULL && c->auth->prove(form, header, &who);
  al_key_drop(key);
  return ok || no_proof(fault, why);
}

al_dpop *al_client_bind (const al_client *c) {
  return c->dpop != NULL ? al_dpop_hold(c->dpop) : al_dpop_new();
}

void al_client_place (const al_client *c, al_fault *fault) {
  const char *url = c->endpoints[AL_TOKEN_ENDPOINT];
  bool there = url != NULL && (fault->kind == AL_OAUTH || fault->kind == AL_NETWORK);
  if (there) al_fault_at(fault, "POST", url, strlen(url));
  al_fault_of(fault, c->client_id, there ? c->auth->name : NULL);
}

static al_note *new_note (al_client *c) {
  if (!c->wants_notes || c->noted == al_most_notes) return NULL;
  if (c->noted == c->note_room) {
    int room = c->note_room > 0 ? 2 * c->note_room : 8;
    al_note *notes = realloc(c->notes, (size_t)room * sizeof *notes);
    if (notes == NULL) return NULL;
    c->notes = notes;
    c->note_room = room;
  }
  return &c->notes[c->noted++];
}

static bool note (al_client *c, al_note made, const char *code) {
  al_note *kept = new_note(c);
  if (kept == NULL) return false;
  strncpy(made.code, code, sizeof made.code - 1);
  *kept = made;
  return true;
}

void al_client_note (al_client *c, const char *name, int status, const char *code, int64_t wait_ms) {
  note(c, (al_note){ .name = name, .status = status, .wait_ms = wait_ms }, code);
}

void al_client_trip_note (al_client *c, const char *name, int status, const char *code, al_trip *trip) {
  al_note made = { .name = name, .status = status, .wait_ms = -1, .trip = trip };
  if (trip == NULL || !note(c, made, code)) free(trip);
}

const al_note *al_client_noted (const al_client *c) {
  return c->told < c->noted ? &c->notes[c->told] : NULL;
}

void al_client_told (al_client *c) {
  free(c->notes[c->told].trip);
  if (++c->told == c->noted) c->told = c->noted = 0;
}
