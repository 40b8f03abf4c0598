#include "law/authorization.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ground/crypto.h"
#include "ground/encode.h"
#include "law/grant.h"

static const char version[] = "airlock-authorization-1"; /* of the saved form; bound to the seal */

void al_authorization_init (al_authorization *a) {
  memset(a, 0, sizeof *a);
  a->scope = AL_BUF(AL_MAX_SCOPE);
  a->redirect_uri = a->resource = a->wanted = a->query = AL_BUF(AL_MAX_URL);
  a->url = AL_BUF(AL_MAX_URL);
}

void al_authorization_dispose (al_authorization *a) {
  al_client_drop(a->client);
  a->client = NULL;
  al_wipe(a->verifier, sizeof a->verifier);
  al_dpop_drop(a->dpop);
  a->dpop = NULL;
  al_buf_dispose(&a->scope);
  al_buf_dispose(&a->redirect_uri);
  al_buf_dispose(&a->resource);
  al_buf_dispose(&a->wanted);
  al_buf_dispose(&a->query);
  al_buf_dispose(&a->url);
}

static bool draw (al_authorization *a, char out[AL_STATE_CHARS + 1]) {
  unsigned char bytes[32];
  al_buf text = AL_BUF_SECRET(AL_STATE_CHARS);
  bool ok = al_crypto_random(bytes, sizeof bytes) && al_encode_base64url(&text, bytes, sizeof bytes);
  if (ok) memcpy(out, text.bytes, AL_STATE_CHARS + 1);
  if (text.starved) a->url.starved = true;
  al_wipe(bytes, sizeof bytes);
  al_buf_dispose(&text);
  return ok;
}

bool al_authorization_challenge (al_buf *out, const char *verifier) {
  unsigned char digest[32];
  return al_crypto_sha256(digest, verifier, strlen(verifier)) && al_encode_base64url(out, digest, sizeof digest);
}

static bool add (al_buf *query, const char *name, const char *value) {
  return al_encode_field(query, name, value, strlen(value));
}

/* RFC 7636 section 4.3; S256 always, as plain protects from nothing that S256 doesn't. */
static bool add_challenge (al_buf *query, const char *verifier) {
  al_buf challenge = AL_BUF(64);
  bool ok = al_authorization_challenge(&challenge, verifier) && add(query, "code_challenge", al_buf_text(&challenge)) &&
            add(query, "code_challenge_method", "S256");
  al_buf_dispose(&challenge);
  return ok;
}

/* RFC 6749 section 4.1.1 and 4.2.1 */
static bool has_openid (const al_authorization *a) {
  const char *at = al_buf_text(&a->scope);
  for (size_t n; *at != '\0'; at += n + (at[n] != '\0')) {
    n = strcspn(at, " ");
    if (n == 6 && memcmp(at, "openid", 6) == 0) return true;
  }
  return false;
}

static bool compose (al_authorization *a, al_buf *query) {
  bool ok = add(query, "response_type",
                !a->implicit    ? "code"
                : a->identifies ? "id_token token"
                                : "token") &&
            add(query, "state", a->state) && add(query, "redirect_uri", al_buf_text(&a->redirect_uri));
  if (a->scope.n > 0) ok = ok && add(query, "scope", a->scope.bytes);
  if (a->nonce[0] != '\0') ok = ok && add(query, "nonce", a->nonce);
  if (a->dpop != NULL) ok = ok && add(query, "dpop_jkt", a->dpop->jkt); /* RFC 9449 section 10 */
  if (a->resource.n > 0) ok = ok && al_buf_addc(query, '&') && al_buf_add(query, a->resource.bytes, a->resource.n);
  return ok && (a->implicit || add_challenge(query, a->verifier));
}

/* The URL up to its first field. RFC 6749 section 3.1: an endpoint's own query stays. */
static bool lead (al_authorization *a) {
  const char *endpoint = a->client->endpoints[AL_AUTHORIZATION_ENDPOINT], *id = a->client->client_id;
  return al_buf_adds(&a->url, endpoint) && al_buf_addc(&a->url, strchr(endpoint, '?') != NULL ? '&' : '?') &&
         al_buf_adds(&a->url, "client_id=") && al_encode_form(&a->url, id, strlen(id));
}

bool al_authorization_begin (al_authorization *a, const char *more, size_t more_n, int64_t wall_ms) {
  a->made_at = wall_ms;
  if (!draw(a, a->state) || !draw(a, a->verifier) || (has_openid(a) && !draw(a, a->nonce))) return false;
  bool binds = a->client->binds && !a->implicit;
  if (binds && (a->dpop = al_client_bind(a->client)) == NULL) {
    a->url.starved = true; /* for want of memory: chance was there for the state */
    return false;
  }
  bool ok = compose(a, &a->query);
  if (more_n > 0) ok = ok && al_buf_addc(&a->query, '&') && al_buf_add(&a->query, more, more_n);
  return ok && lead(a) && al_buf_addc(&a->url, '&') && al_buf_add(&a->url, a->query.bytes, a->query.n);
}

/* RFC 9126 section 4: nothing but these two. */
bool al_authorization_refer (al_authorization *a, const char *request_uri, size_t n) {
  al_buf_clear(&a->url);
  return lead(a) && al_encode_field(&a->url, "request_uri", request_uri, n);
}

/* ---- reading a redirect ---- */

typedef enum field {
  CODE,
  STATE,
  ISS,
  ERROR,
  ERROR_DESCRIPTION,
  ERROR_URI,
  ACCESS_TOKEN,
  TOKEN_TYPE,
  EXPIRES_IN,
  SCOPE,
  ID_TOKEN,
  FIELDS,
} field;

static const char *const field_names[FIELDS] = {
  "code",         "state",      "iss",        "error", "error_description", "error_uri",
  "access_token", "token_type", "expires_in", "scope", "id_token"
};

typedef struct redirect {
  al_buf fields[FIELDS];
  bool has[FIELDS];
  bool repeated; /* RFC 6749 section 3.1: no parameter twice */
  bool starved;  /* memory ran out while it was read */
} redirect;

static int field_of (const al_buf *name) {
  for (int i = 0; i < FIELDS; i++)
    if (strlen(field_names[i]) == name->n && strcmp(field_names[i], al_buf_text(name)) == 0) return i;
  return -1;
}

static bool take_pair (redirect *r, const char *text, size_t n) {
  const char *equals = memchr(text, '=', n);
  size_t name_n = equals != NULL ? (size_t)(equals - text) : n;
  al_buf name = AL_BUF(AL_MAX_REDIRECT);
  bool ok = al_decode_percent(&name, text, name_n, true);
  int at = ok ? field_of(&name) : -1;
  if (name.starved) r->starved = true;
  al_buf_dispose(&name);
  if (at < 0) return ok;
  if (r->has[at]) r->repeated = true;
  r->has[at] = true;
  if (equals == NULL) return true;
  ok = al_decode_percent(&r->fields[at], equals + 1, n - name_n - 1, true);
  if (r->fields[at].starved) r->starved = true;
  return ok;
}

/* RFC 6749 section 3.1: a parameter without a value counts as left out. */
static bool given (const redirect *r, field which) {
  return r->fields[which].n > 0;
}

static bool take_pairs (redirect *r, const char *text, size_t n) {
  const char *end = text + n;
  while (text < end) {
    const char *stop = memchr(text, '&', (size_t)(end - text));
    if (stop == NULL) stop = end;
    if (stop > text && !take_pair(r, text, (size_t)(stop - text))) return false;
    text = stop + 1;
  }
  return true;
}

/* A code comes in the query, a token in the fragment (RFC 6749 section 4.2.2); an error of the latter may be in either.
 */
static bool split (redirect *r, bool implicit, const char *text, size_t n) {
  const char *end = text + n, *mark = memchr(text, '#', n);
  const char *question = memchr(text, '?', mark != NULL ? (size_t)(mark - text) : n);
  if (implicit && mark != NULL) return take_pairs(r, mark + 1, (size_t)(end - mark - 1));
  if (question == NULL) return true;
  return take_pairs(r, question + 1, (size_t)((mark != NULL ? mark : end) - question - 1));
}

static bool not_ours (al_fault *fault, const char *code, const char *message) {
  al_fault_set(fault, AL_STATE, AL_INTERACTION, code, "%s", message);
  return false;
}

/* Whether it is the answer to this authorization, and the first one: nothing of it is looked at before that. */
static bool check_state (al_authorization *a, const redirect *r, al_fault *fault) {
  const al_buf *state = &r->fields[STATE];
  if (r->repeated)
    return not_ours(fault, "repeated_parameter", "the redirect has a parameter twice, which the rules forbid");
  if (!given(r, STATE) || !al_crypto_equal(al_buf_text(state), state->n, a->state, AL_STATE_CHARS))
    return not_ours(fault, "state_mismatch",
                    "the redirect isn't the answer to this authorization: its state is another; begin again");
  if (a->spent) return not_ours(fault, "state_spent", "this authorization was answered before; begin a new one");
  a->spent = true;
  return true;
}

/* RFC 9207: an answer of another server must not be taken to this one. */
/* An issuer for all tenants, as Microsoft's, is one of them in a redirect. */
static bool is_issuer (const char *issuer, const char *named, size_t n) {
  static const char tenant[] = "{tenantid}";
  size_t all = strlen(issuer);
  if (n == all && memcmp(named, issuer, n) == 0) return true;
  const char *at = strstr(issuer, tenant);
  if (at == NULL) return false;
  size_t before = (size_t)(at - issuer), after = all - before - (sizeof tenant - 1);
  return n > before + after && memcmp(named, issuer, before) == 0 &&
         memcmp(named + n - after, issuer + all - after, after) == 0 &&
         memchr(named + before, '/', n - before - after) == NULL;
}

static bool check_issuer (const al_authorization *a, const redirect *r, al_fault *fault) {
  const al_client *c = a->client;
  const al_buf *iss = &r->fields[ISS];
  if (!r->has[ISS] && !c->iss_announced) return true;
  if (c->issuer == NULL) return true; /* nothing to compare with */
  if (is_issuer(c->issuer, al_buf_text(iss), iss->n)) return true;
  char theirs[AL_MAX_DESCRIPTION];
  al_fault_text(theirs, sizeof theirs, al_buf_text(iss), iss->n);
  not_ours(fault, "issuer_mismatch",
           "the redirect comes from another authorization server than the one that was asked");
  al_fault_add(fault, ": %s in place of %s", r->has[ISS] ? theirs : "none is named", c->issuer);
  return false;
}

static bool server_said_no (const redirect *r, al_fault *fault) {
  char code[AL_MAX_CODE], why[AL_MAX_DESCRIPTION];
  const al_buf *error = &r->fields[ERROR], *description = &r->fields[ERROR_DESCRIPTION], *uri = &r->fields[ERROR_URI];
  al_fault_text(code, sizeof code, al_buf_text(error), error->n);
  al_fault_text(why, sizeof why, al_buf_text(description), description->n);
  bool later = strcmp(code, "server_error") == 0 || strcmp(code, "temporarily_unavailable") == 0;
  bool user = strcmp(code, "access_denied") == 0 || strstr(code, "_required") != NULL;
  al_fault_set(fault, AL_OAUTH,
               later  ? AL_TRANSIENT
               : user ? AL_INTERACTION
                      : AL_MISCONFIGURED,
               code, "the authorization server said no: %s%s%s", code, why[0] != '\0' ? ": " : "", why);
  memcpy(fault->description, why, sizeof why);
  al_fault_text(fault->uri, sizeof fault->uri, al_buf_text(uri), uri->n);
  return false;
}

/* Says nothing of the redirect, which may be handed in again. */
static bool no_memory (al_fault *fault, const char *what) {
  al_fault_set(fault, AL_NETWORK, AL_TRANSIENT, "out_of_memory", "there is no memory left to read the %s", what);
  return false;
}

static bool take_code (const al_authorization *a, const redirect *r, al_buf *opening, al_fault *fault) {
  const al_buf *code = &r->fields[CODE];
  if (code->n == 0) return not_ours(fault, "malformed_redirect", "the redirect holds neither a code nor an error");
  if (al_grant_code(opening, code, &a->redirect_uri, a->verifier)) return true;
  return opening->starved ? no_memory(fault, "redirect")
                          : not_ours(fault, "too_large", "the redirect's code is too long");
}

static bool take_token (redirect *r, al_reply *reply, al_fault *fault) {
  al_buf *token = &r->fields[ACCESS_TOKEN], *type = &r->fields[TOKEN_TYPE];
  if (!al_token_printable(al_buf_text(token), token->n))
    return not_ours(fault, "malformed_redirect", "the redirect holds neither a token nor an error");
  al_buf_take(&reply->id_token, &r->fields[ID_TOKEN]);
  return al_reply_from_fields(reply, fault, token, type, given(r, TOKEN_TYPE), &r->fields[EXPIRES_IN],
                              &r->fields[SCOPE]);
}

static bool judge (al_authorization *a, redirect *r, al_buf *opening, al_reply *reply, al_fault *fault) {
  if (!check_state(a, r, fault) || !check_issuer(a, r, fault)) return false;
  if (given(r, ERROR)) return server_said_no(r, fault);
  bool ok = a->implicit ? take_token(r, reply, fault) : take_code(a, r, opening, fault);
  if (!ok && fault->kind == AL_NETWORK) a->spent = false; /* for want of memory: it may be handed in again */
  return ok;
}

bool al_authorization_read (al_authorization *a, const char *text, size_t n, al_buf *opening, al_reply *reply,
                            al_fault *fault) {
  if (n > AL_MAX_REDIRECT) return not_ours(fault, "too_large", "the redirect is too long to be read");
  redirect r;
  memset(&r, 0, sizeof r);
  for (int i = 0; i < FIELDS; i++) r.fields[i] = AL_BUF_SECRET(AL_MAX_REDIRECT);
  bool ok = split(&r, a->implicit, text, n) ? judge(a, &r, opening, reply, fault)
            : r.starved                     ? no_memory(fault, "redirect")
                        : not_ours(fault, "malformed_redirect", "the redirect has a broken percent escape in it");
  for (int i = 0; i < FIELDS; i++) al_buf_dispose(&r.fields[i]);
  return ok;
}

/* ---- saving ---- */

/* The program's own key isn't carried along: whoever restores this has it. */
static bool save_key (const al_authorization *a, al_buf *plain) {
  return a->dpop == NULL || a->dpop->pem.n == 0 ||
         al_encode_field(plain, "dpop_key", a->dpop->pem.bytes, a->dpop->pem.n);
}

bool al_authorization_save (const al_authorization *a, const unsigned char key[32], al_buf *out) {
  al_buf plain = AL_BUF_SECRET(AL_MAX_URL * 4), sealed = AL_BUF(AL_MAX_URL * 4);
  char made_at[24];
  snprintf(made_at, sizeof made_at, "%lld", (long long)a->made_at);
  bool ok = add(&plain, "state", a->state) && add(&plain, "code_verifier", a->verifier) &&
            add(&plain, "redirect_uri", al_buf_text(&a->redirect_uri)) &&
            add(&plain, "scope", al_buf_text(&a->scope)) && (a->nonce[0] == '\0' || add(&plain, "nonce", a->nonce)) &&
            save_key(a, &plain) && (a->wanted.n == 0 || add(&plain, "wanted", al_buf_text(&a->wanted))) &&
            add(&plain, "resource", al_buf_text(&a->resource)) &&
            add(&plain, "implicit",
                !a->implicit    ? "0"
                : a->identifies ? "2"
                                : "1") &&
            add(&plain, "made_at", made_at) && add(&plain, "url", al_buf_text(&a->url)) &&
            al_crypto_seal(&sealed, key, version, plain.bytes, plain.n) &&
            al_encode_base64url(out, sealed.bytes, sealed.n);
  al_buf_dispose(&plain);
  al_buf_dispose(&sealed);
  return ok;
}

static bool value_of (const al_buf *plain, const char *name, al_buf *out) {
  const char *text = al_buf_text(plain), *end = text + plain->n;
  size_t name_n = strlen(name);
  while (text < end) {
    const char *stop = memchr(text, '&', (size_t)(end - text));
    if (stop == NULL) stop = end;
    if ((size_t)(stop - text) > name_n && memcmp(text, name, name_n) == 0 && text[name_n] == '=')
      return al_decode_percent(out, text + name_n + 1, (size_t)(stop - text) - name_n - 1, true);
    text = stop + 1;
  }
  return false;
}

/* `or_none`: it may be missing, but not because there was no memory to read it. */
static bool fixed_value (const al_buf *plain, const char *name, char out[AL_STATE_CHARS + 1], bool or_none) {
  al_buf value = AL_BUF_SECRET(AL_STATE_CHARS);
  bool found = value_of(plain, name, &value), ok = found && value.n == AL_STATE_CHARS && strlen(value.bytes) == value.n,
       none = !found && !value.broken;
  if (ok) memcpy(out, value.bytes, AL_STATE_CHARS + 1);
  al_buf_dispose(&value);
  return ok || (or_none && none);
}

static bool read_key (al_authorization *a, const al_buf *plain) {
  if (!a->client->binds || a->implicit) return true;
  al_buf pem = AL_BUF_SECRET(AL_MAX_SECRET);
  a->dpop = value_of(plain, "dpop_key", &pem) ? al_dpop_read(&pem) : al_dpop_hold(a->client->dpop);
  al_buf_dispose(&pem);
  return a->dpop != NULL;
}

static bool read_saved (al_authorization *a, const al_buf *plain) {
  al_buf number = AL_BUF(24), implicit = AL_BUF(4);
  bool ok = fixed_value(plain, "state", a->state, false) && fixed_value(plain, "code_verifier", a->verifier, false) &&
            fixed_value(plain, "nonce", a->nonce, true) && value_of(plain, "redirect_uri", &a->redirect_uri) &&
            value_of(plain, "scope", &a->scope) && value_of(plain, "resource", &a->resource) &&
            (value_of(plain, "wanted", &a->wanted) || !a->wanted.broken) && value_of(plain, "url", &a->url) &&
            value_of(plain, "made_at", &number) && value_of(plain, "implicit", &implicit);
  a->identifies = strcmp(al_buf_text(&implicit), "2") == 0;
  a->implicit = a->identifies || strcmp(al_buf_text(&implicit), "1") == 0;
  a->made_at = ok ? strtoll(al_buf_text(&number), NULL, 10) : 0;
  ok = ok && read_key(a, plain);
  al_buf_dispose(&number);
  al_buf_dispose(&implicit);
  return ok;
}

static bool unseal (al_authorization *a, const unsigned char key[32], const char *text, size_t n) {
  al_buf sealed = AL_BUF(AL_MAX_URL * 4), plain = AL_BUF_SECRET(AL_MAX_URL * 4);
  al_buf *texts[] = { &a->redirect_uri, &a->scope, &a->resource, &a->wanted, &a->url };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) al_buf_clear(texts[i]);
  bool ok = al_decode_base64url(&sealed, text, n) &&
            al_crypto_open(&plain, key, version, al_buf_text(&sealed), sealed.n) && read_saved(a, &plain);
  al_buf_dispose(&sealed);
  al_buf_dispose(&plain);
  return ok;
}

bool al_authorization_restore (al_authorization *a, const unsigned char key[32], const char *text, size_t n,
                               int64_t wall_ms, al_fault *fault) {
  bool ok = unseal(a, key, text, n) || (!al_crypto_starved() && unseal(a, key, text, n));
  if (!ok && al_crypto_starved()) return no_memory(fault, "saved authorization");
  if (!ok)
    return not_ours(fault, "altered",
                    "the saved authorization was altered, cut, or made by a client with another configuration");
  if (wall_ms - a->made_at > (int64_t)AL_MAX_AUTHORIZATION_AGE_S * 1000)
    return not_ours(fault, "expired", "the saved authorization is too old; begin a new one");
  return true;
}
