#include "law/record.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "ground/crypto.h"
#include "ground/encode.h"
#include "ground/json.h"
#include "ground/limits.h"
#include "law/scope.h"

typedef enum shape { TEXT, COUNT, TIME, FLAG } shape;

#define MEMBER(name_, field_, shape_) \
  { name_, offsetof(al_record, field_), shape_ }

/* The document, in its order; what is empty, 0, -1 or false is left out. */
static const struct {
  const char *name;
  size_t at;
  shape shape;
} members[] = {
  MEMBER("issuer", issuer, TEXT),
  MEMBER("token_endpoint", token_endpoint, TEXT),
  MEMBER("client_id", client_id, TEXT),
  MEMBER("grant", grant, TEXT),
  MEMBER("account", account, TEXT),
  MEMBER("scope", scope, TEXT),
  MEMBER("resource", resource, TEXT),
  MEMBER("login", login, TEXT),
  MEMBER("generation", generation, COUNT),
  MEMBER("begun", begun, COUNT),
  MEMBER("access_token", access_token, TEXT),
  MEMBER("token_type", token_type, TEXT),
  MEMBER("granted", granted, TEXT),
  MEMBER("reply", reply, TEXT),
  MEMBER("obtained_at", obtained_at, TIME),
  MEMBER("expires_at", expires_at, TIME),
  MEMBER("retry_at", retry_at, TIME),
  MEMBER("clock", clock, TEXT),
  MEMBER("obtained_clock", obtained_clock, TIME),
  MEMBER("expires_clock", expires_clock, TIME),
  MEMBER("retry_clock", retry_clock, TIME),
  MEMBER("refresh_token", refresh_token, TEXT),
  MEMBER("dpop_key", dpop_key, TEXT),
  MEMBER("dead", dead, FLAG),
  MEMBER("refused", refused, TEXT),
  MEMBER("error", error, TEXT),
  MEMBER("description", description, TEXT),
};

enum { member_count = sizeof members / sizeof *members };

static void *field (const al_record *r, int i) {
  return (char *)(uintptr_t)r + members[i].at;
}

void al_record_init (al_record *r) {
  memset(r, 0, sizeof *r);
  for (int i = 0; i < member_count; i++)
    if (members[i].shape == TEXT) *(al_buf *)field(r, i) = AL_BUF_SECRET(AL_MAX_RECORD);
    else if (members[i].shape == TIME) *(int64_t *)field(r, i) = -1;
  r->unknown = AL_BUF_SECRET(AL_MAX_RECORD);
}

void al_record_dispose (al_record *r) {
  for (int i = 0; i < member_count; i++)
    if (members[i].shape == TEXT) al_buf_dispose(field(r, i));
  al_buf_dispose(&r->unknown);
}

/* Lengths go in as well, so that "ab","c" and "a","bc" differ. */
static void add_part (al_buf *out, const char *bytes, size_t n) {
  al_buf_addf(out, "%zu:", n);
  al_buf_add(out, bytes, n);
}

bool al_record_digest (al_buf *out, const char *secret, size_t n) {
  unsigned char digest[32];
  return al_crypto_name(digest, secret, n) && al_encode_hex(out, digest, sizeof digest);
}

static bool add_scope (al_buf *all, const al_identified *id) {
  al_buf sorted = AL_BUF(AL_MAX_SCOPE);
  bool ok = id->as_written || al_scope_sort(&sorted, id->scope, id->scope_n);
  if (id->as_written) add_part(all, id->scope, id->scope_n);
  else add_part(all, al_buf_text(&sorted), sorted.n);
  al_buf_dispose(&sorted);
  return ok;
}

bool al_record_name (char out[AL_RECORD_NAME], const al_identified *id) {
  al_buf all = AL_BUF(8 * AL_MAX_URL), hex = AL_BUF(AL_RECORD_NAME);
  const char *texts[] = { id->server, id->client_id, id->grant };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) add_part(&all, texts[i], strlen(texts[i]));
  add_part(&all, id->account, id->account_n);
  bool ok = add_scope(&all, id);
  if (id->resource_n > 0 || id->bound_to != NULL) add_part(&all, id->resource, id->resource_n);
  if (id->bound_to != NULL) add_part(&all, id->bound_to, strlen(id->bound_to));
  ok = ok && !all.broken && al_record_digest(&hex, al_buf_text(&all), all.n);
  if (ok) memcpy(out, hex.bytes, AL_RECORD_NAME);
  al_buf_dispose(&all);
  al_buf_dispose(&hex);
  return ok;
}

static int member_named (const al_buf *name) {
  for (int i = 0; i < member_count; i++)
    if (name->n == strlen(members[i].name) && memcmp(al_buf_text(name), members[i].name, name->n) == 0) return i;
  return -1;
}

static bool read_number (al_json *j, double scale, int64_t *out) {
  double value;
  if (!al_json_number(j, &value)) return false;
  value = floor(value * scale + 0.5);
  if (!(value >= 0 && value < 9e15)) return false;
  *out = (int64_t)value;
  return true;
}

static bool read_flag (al_json *j, bool *out) {
  *out = al_json_peek(j) == AL_JSON_TRUE;
  return (*out || al_json_peek(j) == AL_JSON_FALSE) && al_json_skip(j);
}

static bool read_known (al_record *r, al_json *j, int i) {
  switch (members[i].shape) {
    case TEXT: al_buf_clear(field(r, i)); return al_json_string(j, field(r, i));
    case COUNT: return read_number(j, 1, field(r, i)) && *(int64_t *)field(r, i) < AL_MAX_GENERATION;
    case TIME: return read_number(j, 1000, field(r, i));
    default: return read_flag(j, field(r, i));
  }
}

/* Kept letter by letter: a newer Airlock of the same version may have put it there. */
static bool keep_unknown (al_record *r, al_json *j, const al_buf *name) {
  al_json_peek(j); /* past the white space */
  const char *start = j->p;
  if (!al_json_skip(j)) return false;
  al_buf_addc(&r->unknown, ',');
  al_encode_json(&r->unknown, al_buf_text(name), name->n);
  al_buf_addc(&r->unknown, ':');
  return al_buf_add(&r->unknown, start, (size_t)(j->p - start));
}

/* The version stands first, so that a later one may change all that follows. */
static al_readable read_version (al_json *j, al_buf *name) {
  int64_t version = 0;
  if (!al_json_enter(j) || !al_json_member(j, name) || strcmp(al_buf_text(name), "airlock") != 0)
    return AL_RECORD_CORRUPT;
  if (!read_number(j, 1, &version) || version < 1) return AL_RECORD_CORRUPT;
  return version > AL_RECORD_VERSION ? AL_RECORD_FUTURE : AL_RECORD_READ;
}

static bool read_members (al_record *r, al_json *j, al_buf *name) {
  while (al_json_member(j, name)) {
    int i = member_named(name);
    if (!(i >= 0 ? read_known(r, j, i) : keep_unknown(r, j, name))) return false;
  }
  return al_json_done(j);
}

/* A login has a name, which is a digest, and a number, and is dead, or has something to act with. */
static bool whole (const al_record *r) {
  if (r->login.n >= AL_LOGIN_CHARS || strlen(al_buf_text(&r->login)) != r->login.n) return false;
  if (r->generation < 1 || r->login.n == 0) return r->access_token.n == 0 && r->refresh_token.n == 0 && !r->dead;
  return r->dead || r->access_token.n > 0 || r->refresh_token.n > 0;
}

static bool starved (const al_record *r) {
  bool any = r->unknown.starved;
  for (int i = 0; i < member_count; i++)
    if (members[i].shape == TEXT) any = any || ((const al_buf *)field(r, i))->starved;
  return any;
}

al_readable al_record_read (al_record *r, const char *text, size_t n) {
  al_json j = al_json_from(text, n);
  al_buf name = AL_BUF_SECRET(AL_MAX_RECORD);
  al_readable found = read_version(&j, &name);
  if (found == AL_RECORD_READ && (!read_members(r, &j, &name) || !whole(r))) found = AL_RECORD_CORRUPT;
  if (name.starved || starved(r)) found = AL_RECORD_STARVED;
  al_buf_dispose(&name);
  return found;
}

static void write_member (const al_record *r, al_buf *out, int i) {
  const al_buf *text = field(r, i);
  const int64_t *number = field(r, i);
  const bool *flag = field(r, i);
  switch (members[i].shape) {
    case TEXT:
      if (text->n == 0) return;
      al_buf_addf(out, ",\"%s\":", members[i].name);
      al_encode_json(out, text->bytes, text->n);
      return;
    case COUNT:
      if (*number > 0) al_buf_addf(out, ",\"%s\":%lld", members[i].name, (long long)*number);
      return;
    case TIME:
      if (*number >= 0)
        al_buf_addf(out, ",\"%s\":%lld.%03d", members[i].name, (long long)(*number / 1000), (int)(*number % 1000));
      return;
    default:
      if (*flag) al_buf_addf(out, ",\"%s\":true", members[i].name);
  }
}

/* One that lacks a text might lack the refresh token. */
static bool complete (const al_record *r) {
  bool all = !r->unknown.broken;
  for (int i = 0; i < member_count; i++)
    if (members[i].shape == TEXT) all = all && !((const al_buf *)field(r, i))->broken;
  return all;
}

bool al_record_write (const al_record *r, al_buf *out) {
  if (!complete(r)) return false;
  al_buf_addf(out, "{\"airlock\":%d", AL_RECORD_VERSION);
  for (int i = 0; i < member_count; i++) write_member(r, out, i);
  if (r->unknown.n > 0) al_buf_add(out, r->unknown.bytes, r->unknown.n);
  return al_buf_adds(out, "}\n");
}

int64_t al_record_when (const al_record *r, int64_t at, int64_t clock_at, const al_clocks *clocks) {
  size_t n = strlen(clocks->clock);
  bool same = n > 0 && n == r->clock.n && memcmp(r->clock.bytes, clocks->clock, n) == 0;
  if (same && clock_at >= 0) return clock_at + clocks->ahead;
  return at < 0 ? -1 : clocks->now + (at - clocks->wall);
}
