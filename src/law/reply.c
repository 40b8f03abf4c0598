#include "law/reply.h"

#include <math.h>
#include <string.h>

#include "ground/ascii.h"
#include "ground/encode.h"
#include "ground/json.h"
#include "ground/limits.h"

/* What is looked for, in whichever dress the reply comes. */
typedef struct found {
  al_reply *reply;
  al_buf type, error, description, uri;
  double expires_in;
  bool has_type, has_expiry;
  bool starved; /* memory ran out while it was read */
  struct found
    *user; /* where the server puts a user's token into a member of its own; NULL: it doesn't, or this is it */
} found;

void al_reply_init (al_reply *r) {
  r->access_token = AL_BUF_SECRET(AL_MAX_TOKEN_REPLY);
  r->refresh_token = AL_BUF_SECRET(AL_MAX_TOKEN_REPLY);
  r->id_token = AL_BUF_SECRET(AL_MAX_TOKEN_REPLY);
  r->scope = AL_BUF(AL_MAX_SCOPE);
  r->issued_token_type = AL_BUF(AL_MAX_URL);
  r->rest = AL_BUF_SECRET(AL_MAX_TOKEN_REPLY);
  r->type = AL_BEARER;
  r->lifetime_ms = -1;
  r->typed = false;
  r->quirks = NULL;
}

void al_reply_dispose (al_reply *r) {
  al_buf_dispose(&r->access_token);
  al_buf_dispose(&r->refresh_token);
  al_buf_dispose(&r->id_token);
  al_buf_dispose(&r->scope);
  al_buf_dispose(&r->issued_token_type);
  al_buf_dispose(&r->rest);
}

static void found_init (found *f, al_reply *reply) {
  *f = (found){ .reply = reply };
  f->type = f->error = AL_BUF(AL_MAX_TOKEN_REPLY);
  f->description = f->uri = AL_BUF(AL_MAX_TOKEN_REPLY);
}

static void found_dispose (found *f) {
  al_buf_dispose(&f->type);
  al_buf_dispose(&f->error);
  al_buf_dispose(&f->description);
  al_buf_dispose(&f->uri);
}

/* Compared with their lengths, as a name may have a NUL in it. */
static bool named (const al_buf *name, const char *wanted) {
  return name->n == strlen(wanted) && memcmp(al_buf_text(name), wanted, name->n) == 0;
}

static al_buf *text_member (found *f, const al_buf *name) {
  struct {
    const char *name;
    al_buf *to;
  } members[] = {
    { "access_token", &f->reply->access_token },
    { "refresh_token", &f->reply->refresh_token },
    { "id_token", &f->reply->id_token },
    { "scope", &f->reply->scope },
    { "issued_token_type", &f->reply->issued_token_type },
    { "token_type", &f->type },
    { "error", &f->error },
    { "error_description", &f->description },
    { "error_uri", &f->uri },
  };
  for (size_t i = 0; i < sizeof members / sizeof *members; i++)
    if (named(name, members[i].name)) return members[i].to;
  return NULL;
}

/* Decimal digits with a fraction or not, as some servers put expires_in in quotes. */
static bool number_text (const char *text, size_t n, double *out) {
  al_json j = al_json_from(text, n);
  return al_json_number(&j, out) && al_json_done(&j);
}

/* expires_in: a number, or a number in quotes; anything else is as if it were missing. */
static bool read_expiry (found *f, al_json *j) {
  al_json_type type = al_json_peek(j);
  if (type == AL_JSON_NUMBER) return f->has_expiry = al_json_number(j, &f->expires_in);
  if (type != AL_JSON_STRING) return al_json_skip(j);
  al_buf text = AL_BUF(AL_MAX_TOKEN_REPLY);
  bool ok = al_json_string(j, &text);
  f->has_expiry = ok && number_text(al_buf_text(&text), text.n, &f->expires_in);
  al_buf_dispose(&text);
  return ok;
}

/* scope: a string, or a list of strings as some servers have it. */
static bool read_scope (al_buf *to, al_json *j) {
  if (!al_json_enter(j)) return false;
  while (al_json_item(j)) {
    bool text = al_json_peek(j) == AL_JSON_STRING;
    if (text && to->n > 0) al_buf_addc(to, ' ');
    if (text ? !al_json_string(j, to) : !al_json_skip(j)) return false;
  }
  return !j->bad;
}

static bool read_members (found *f, al_json *j);

static bool read_member (found *f, al_json *j, const al_buf *name) {
  if (f->user != NULL && named(name, f->reply->quirks->user_token) && al_json_peek(j) == AL_JSON_OBJECT)
    return read_members(f->user, j);
  if (named(name, "expires_in")) return read_expiry(f, j);
  al_buf *to = text_member(f, name);
  al_json_type type = al_json_peek(j);
  if (to == NULL || type == AL_JSON_NULL) return al_json_skip(j);
  al_buf_clear(to);
  if (to == &f->type) f->has_type = true;
  if (type == AL_JSON_STRING) return al_json_string(j, to);
  if (type == AL_JSON_ARRAY && to == &f->reply->scope) return read_scope(to, j);
  if (type == AL_JSON_OBJECT && to == &f->error) al_buf_adds(to, "unreadable_error"); /* an error all the same */
  return al_json_skip(j);
}

/* What isn't a token, nor has one in it, may be shown to the program. */
static void keep_rest (found *f, const al_buf *name, const char *from, const char *to) {
  static const char *const tokens[] = { "access_token", "refresh_token", "id_token", "device_secret" };
  al_buf *rest = &f->reply->rest;
  for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
    if (named(name, tokens[i])) return;
  if (f->reply->quirks != NULL && f->reply->quirks->user_token != NULL && named(name, f->reply->quirks->user_token))
    return;
  al_buf_addc(rest, ',');
  al_encode_json(rest, al_buf_text(name), name->n);
  al_buf_addc(rest, ':');
  al_buf_add(rest, from, (size_t)(to - from));
}

static bool read_members (found *f, al_json *j) {
  al_buf name = AL_BUF(AL_MAX_TOKEN_REPLY);
  bool ok = al_json_enter(j);
  while (ok && al_json_member(j, &name)) {
    al_json_peek(j);
    const char *from = j->p;
    ok = read_member(f, j, &name);
    if (ok) keep_rest(f, &name, from, j->p);
  }
  if (name.starved) f->starved = true;
  al_buf_dispose(&name);
  return ok && !j->bad;
}

static bool read_json (found *f, const char *body, size_t n) {
  al_json j = al_json_from(body, n);
  return read_members(f, &j) && al_json_done(&j);
}

static bool read_field (found *f, const char *field, size_t n) {
  const char *equals = memchr(field, '=', n);
  if (equals == NULL) return false;
  al_buf name = AL_BUF(AL_MAX_TOKEN_REPLY), value = AL_BUF_SECRET(AL_MAX_TOKEN_REPLY);
  size_t name_n = (size_t)(equals - field);
  bool ok = al_decode_percent(&name, field, name_n, true) &&
            al_decode_percent(&value, equals + 1, n - name_n - 1, true);
  al_buf *to = ok ? text_member(f, &name) : NULL;
  if (to != NULL) ok = al_buf_set(to, al_buf_text(&value), value.n);
  if (to == &f->type) f->has_type = true;
  if (ok && named(&name, "expires_in")) f->has_expiry = number_text(al_buf_text(&value), value.n, &f->expires_in);
  f->starved = f->starved || name.starved || value.starved;
  al_buf_dispose(&name);
  al_buf_dispose(&value);
  return ok;
}

/* Characters that nobody leaves unencoded in a form: they tell it from a web page with links in it. */
static bool form_like (const char *body, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (body[i] <= 0x20 || body[i] >= 0x7F || body[i] == '<' || body[i] == '>' || body[i] == '"') return false;
  return n > 0;
}

/* application/x-www-form-urlencoded, as a few servers answer whatever Accept says. */
static bool read_form (found *f, const char *body, size_t n) {
  while (n > 0 && (body[n - 1] == '\n' || body[n - 1] == '\r')) n--;
  if (!form_like(body, n)) return false;
  const char *end = body + n;
  while (body < end) {
    const char *stop = memchr(body, '&', (size_t)(end - body));
    if (stop == NULL) stop = end;
    if (!read_field(f, body, (size_t)(stop - body))) return false;
    body = stop + 1;
  }
  return f->reply->access_token.n > 0 || f->error.n > 0;
}

/* One dress or the other: what was found in a broken one must not count in the other. */
static bool read_body (found *f, const char *body, size_t n) {
  if (n == 0) return false;
  al_json j = al_json_from(body, n);
  return al_json_peek(&j) == AL_JSON_OBJECT ? read_json(f, body, n) : read_form(f, body, n);
}

/* What each of the server's codes asks of whom (RFC 6749 section 5.2 and 4.1.2.1). */
static al_outcome outcome_of (const char *error, int status) {
  static const struct {
    const char *error;
    al_outcome outcome;
  } known[] = {
    { "server_error", AL_TRANSIENT },
    { "temporarily_unavailable", AL_TRANSIENT },
    { "slow_down", AL_TRANSIENT },
    { "access_denied", AL_INTERACTION },
    { "login_required", AL_INTERACTION },
    { "consent_required", AL_INTERACTION },
    { "interaction_required", AL_INTERACTION },
    { "expired_token", AL_INTERACTION },
    { "use_dpop_nonce", AL_TRANSIENT },
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strcmp(known[i].error, error) == 0) return known[i].outcome;
  return status >= 500 || status == 429 ? AL_TRANSIENT : AL_MISCONFIGURED;
}

static void said_no (found *f, al_fault *fault, int status) {
  char code[AL_MAX_CODE], why[AL_MAX_DESCRIPTION];
  al_fault_text(code, sizeof code, al_buf_text(&f->error), f->error.n);
  al_fault_text(why, sizeof why, al_buf_text(&f->description), f->description.n);
  al_fault_set(fault, AL_OAUTH, outcome_of(code, status), code, "the token endpoint said no: %s%s%s", code,
               why[0] != '\0' ? ": " : "", why);
  memcpy(fault->description, why, sizeof why);
  al_fault_text(fault->uri, sizeof fault->uri, al_buf_text(&f->uri), f->uri.n);
  fault->status = status;
}

static void no_use (al_fault *fault, int status, const char *why) {
  if (status >= 500 || status == 429)
    al_fault_set(fault, AL_OAUTH, AL_TRANSIENT, status == 429 ? "slow_down" : "server_error",
                 "the token endpoint answered with status %d and no reason that could be read; try again later",
                 status);
  else if (status >= 300 && status < 400)
    al_fault_set(fault, AL_OAUTH, AL_MISCONFIGURED, "unexpected_redirect",
                 "the token endpoint answered with a redirect (status %d), which is never followed", status);
  else
    al_fault_set(fault, AL_OAUTH, AL_MISCONFIGURED, "malformed_reply", "the token endpoint's answer (status %d) %s",
                 status, why);
  fault->status = status;
}

/* Whether it wasn't read for want of memory: that says nothing of the server. */
static bool starved (const found *f) {
  const al_reply *r = f->reply;
  return f->starved || f->type.starved || f->error.starved || f->description.starved || f->uri.starved ||
         r->access_token.starved || r->refresh_token.starved || r->scope.starved || r->issued_token_type.starved ||
         r->id_token.starved;
}

static void no_memory (al_fault *fault) {
  al_fault_set(fault, AL_NETWORK, AL_TRANSIENT, "out_of_memory",
               "there is no memory left to read the token endpoint's answer");
}

/* A lifetime of 0 or less means "never" to the servers that send it; the token then serves until it is refused. One of
 * less than a second counts as a second: it must outlive the step that hands it on. */
static int64_t lifetime (const found *f) {
  if (!f->has_expiry || isnan(f->expires_in) || f->expires_in <= 0) return -1;
  if (f->expires_in < 1) return 1000;
  return f->expires_in >= (double)AL_MAX_LIFETIME_S ? AL_MAX_LIFETIME_S * 1000 : (int64_t)(f->expires_in * 1000);
}

/* RFC 6749 section 5.1: in any case; missing, it is Bearer to the servers that leave it out. */
static bool read_type (const found *f, al_token_type *out) {
  static const char *const names[] = { [AL_BEARER] = "bearer", [AL_NO_ACCESS_TOKEN] = "n_a", [AL_BOUND] = "dpop" };
  const al_quirks *q = f->reply->quirks;
  *out = AL_BEARER;
  if (!f->has_type || (q != NULL && al_quirks_list(q->token_types, al_buf_text(&f->type), f->type.n))) return true;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (al_ascii_is(al_buf_text(&f->type), f->type.n, names[i])) return *out = (al_token_type)i, true;
  return false;
}

static bool judge (found *f, al_fault *fault, int status) {
  al_reply *r = f->reply;
  if (f->error.n > 0) said_no(f, fault, status);
  else if (status < 200 || status > 299) no_use(fault, status, "names no error");
  else if (r->access_token.n == 0) no_use(fault, status, "holds no access_token");
  else if (!al_token_printable(r->access_token.bytes, r->access_token.n))
    no_use(fault, status, "holds an access_token with characters that no token may have");
  else if (!read_type(f, &r->type)) {
    char type[AL_MAX_CODE];
    al_fault_text(type, sizeof type, al_buf_text(&f->type), f->type.n);
    al_fault_set(fault, AL_OAUTH, AL_MISCONFIGURED, "unsupported_token_type",
                 "the token endpoint gave a token of type \"%s\", which can't be used; only Bearer can", type);
    fault->status = status;
  } else {
    r->lifetime_ms = lifetime(f);
    r->typed = f->has_type;
    return true;
  }
  return false;
}

/* A reply without a token of its own: the user's is the one. */
static void take_users (found *f) {
  found *user = f->user;
  if (user == NULL || f->reply->access_token.n > 0 || user->reply->access_token.n == 0) return;
  al_buf_take(&f->reply->access_token, &user->reply->access_token);
  al_buf_take(&f->reply->refresh_token, &user->reply->refresh_token);
  al_buf_take(&f->reply->scope, &user->reply->scope);
  al_buf_take(&f->type, &user->type);
  f->has_type = user->has_type;
  f->has_expiry = user->has_expiry;
  f->expires_in = user->expires_in;
}

static void part_scopes (al_buf *scope) {
  for (size_t i = 0; i < scope->n; i++)
    if (scope->bytes[i] == ',') scope->bytes[i] = ' ';
}

static bool read_with_quirks (found *f, const char *body, size_t n) {
  const al_quirks *q = f->reply->quirks;
  if (q == NULL) return read_body(f, body, n);
  al_reply theirs;
  found user;
  al_reply_init(&theirs);
  found_init(&user, &theirs);
  if (q->user_token != NULL) f->user = &user;
  bool ok = read_body(f, body, n);
  if (ok) take_users(f);
  if (starved(&user)) f->starved = true;
  if (q->comma_scopes) part_scopes(&f->reply->scope);
  f->user = NULL;
  found_dispose(&user);
  al_reply_dispose(&theirs);
  return ok;
}

bool al_reply_is_page (const char *body, size_t n) {
  return n > 0 && memchr(body, '<', n < 64 ? n : 64) != NULL;
}

bool al_reply_read (al_reply *out, al_fault *fault, int status, const char *body, size_t n) {
  found f;
  found_init(&f, out);
  bool redirected = status >= 300 && status < 400;
  bool readable = !redirected && read_with_quirks(&f, body, n);
  bool ok = false;
  if (starved(&f)) no_memory(fault);
  else if (readable) ok = judge(&f, fault, status);
  else
    no_use(fault, status, n == 0 ? "is empty" : al_reply_is_page(body, n) ? "is a web page, not JSON" : "is not JSON");
  found_dispose(&f);
  return ok;
}

bool al_reply_from_fields (al_reply *out, al_fault *fault, al_buf *access_token, const al_buf *token_type, bool typed,
                           const al_buf *expires_in, const al_buf *scope) {
  found f;
  found_init(&f, out);
  al_buf_take(&out->access_token, access_token);
  f.has_type = typed;
  f.has_expiry = number_text(al_buf_text(expires_in), expires_in->n, &f.expires_in);
  bool ok = al_buf_add(&f.type, al_buf_text(token_type), token_type->n) &&
            al_buf_add(&out->scope, al_buf_text(scope), scope->n);
  if (!ok && starved(&f)) no_memory(fault);
  else if (!ok) no_use(fault, 200, "is too large");
  else if ((ok = judge(&f, fault, 200)) && out->type != AL_BEARER) {
    ok = false;
    al_fault_set(fault, AL_OAUTH, AL_MISCONFIGURED, "unsupported_token_type",
                 "the redirect brought a token of another type than Bearer, which can't be used");
  }
  found_dispose(&f);
  return ok;
}
