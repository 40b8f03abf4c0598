#include "law/request.h"

#include <string.h>

#include "ground/ascii.h"

void al_request_init (al_request *r) {
  memset(r, 0, sizeof *r);
  memcpy(r->method, "GET", 4);
  r->url = AL_BUF(AL_MAX_URL);
  r->lines = AL_BUF_SECRET(AL_MAX_REQUEST_HEADER_BYTES);
  r->body = AL_BUF_SECRET((size_t)-1 / 4);
  r->authorization = AL_BUF_SECRET(4 * AL_MAX_SECRET);
  r->proof = AL_BUF(4 * AL_MAX_URL);
  r->length = -1;
}

void al_request_dispose (al_request *r) {
  al_buf_dispose(&r->url);
  al_buf_dispose(&r->lines);
  al_buf_dispose(&r->body);
  al_buf_dispose(&r->authorization);
  al_buf_dispose(&r->proof);
  al_request_unbind(r);
}

void al_request_unbind (al_request *r) {
  al_dpop_drop(r->dpop);
  r->dpop = NULL;
}

/* tchar of RFC 9110 section 5.6.2 */
static bool is_token (const char *text, size_t n) {
  for (size_t i = 0; i < n; i++) {
    char c = text[i];
    bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!alnum && (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL)) return false;
  }
  return n > 0;
}

const char *al_request_method (al_request *r, const char *method, size_t n) {
  if (!is_token(method, n) || n >= sizeof r->method) return "is not an HTTP method";
  memcpy(r->method, method, n);
  r->method[n] = '\0';
  return NULL;
}

/* Those that would take the framing or the credentials out of our hands. */
static bool reserved (const char *name, size_t n) {
  static const char *const names[] = { "Authorization", "DPoP",           "Proxy-Authorization",
                                       "Host",          "Content-Length", "Transfer-Encoding",
                                       "Connection",    "Upgrade",        "TE",
                                       "Trailer",       "Expect" };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (al_ascii_is(name, n, names[i])) return true;
  return false;
}

/* RFC 9110 section 5.5: some reader ends a line at each of these, but for the tab */
static bool control (char c) {
  return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7F;
}

const char *al_header_unfit (const char *name, size_t name_n, const char *value, size_t value_n) {
  if (!is_token(name, name_n)) return "is not a header name";
  if (reserved(name, name_n)) return "is a header that Airlock sets itself";
  for (size_t i = 0; i < value_n; i++)
    if (control(value[i])) return "has a line break or another control character in its value";
  return NULL;
}

/* What went wrong with a line that doesn't fit in. */
static const char *overfull (const al_buf *lines, int *count) {
  *count = 0; /* a buffer that breaks drops what it had */
  return lines->starved ? "can't be added: there is no memory left" : "makes the headers too long";
}

const char *al_header_line (al_buf *lines, int *count, const char *name, size_t name_n, const char *value,
                            size_t value_n) {
  const char *why = al_header_unfit(name, name_n, value, value_n);
  if (why != NULL) return why;
  if (*count == AL_MAX_REQUEST_HEADERS) return "is one header too many";
  al_buf_add(lines, name, name_n);
  /* libcurl takes "Name:" for "leave it out", and "Name;" for an empty one */
  al_buf_adds(lines, value_n > 0 ? ": " : ";");
  al_buf_add(lines, value, value_n);
  if (!al_buf_addc(lines, '\0')) return overfull(lines, count);
  ++*count;
  return NULL;
}

const char *al_request_header (al_request *r, const char *name, size_t name_n, const char *value, size_t value_n) {
  return al_header_line(&r->lines, &r->line_count, name, name_n, value, value_n);
}

/* Whether one of `count` lines has the name that `name` begins with. */
static bool among (const char *line, int count, const char *name, size_t n) {
  for (int i = 0; i < count; i++, line += strlen(line) + 1)
    if (al_ascii_same(line, name, n) && (line[n] == ':' || line[n] == ';')) return true;
  return false;
}

const char *al_request_defaults (al_request *r, const al_buf *lines, int count) {
  const char *line = al_buf_text(lines);
  for (int i = 0, own = r->line_count; i < count; i++, line += strlen(line) + 1) {
    if (among(al_buf_text(&r->lines), own, line, strcspn(line, ":;"))) continue;
    if (r->line_count == AL_MAX_REQUEST_HEADERS) return "are too many with those of the client";
    if (!al_buf_add(&r->lines, line, strlen(line) + 1)) {
      overfull(&r->lines, &r->line_count);
      return r->lines.starved ? "can't be added: there is no memory left" : "are too long with those of the client";
    }
    r->line_count++;
  }
  return NULL;
}

bool al_request_has (const al_request *r, const char *name) {
  return among(al_buf_text(&r->lines), r->line_count, name, strlen(name));
}

bool al_request_portable (const char *line) {
  static const char *const names[] = { "Accept",
                                       "Accept-Charset",
                                       "Accept-Encoding",
                                       "Accept-Language",
                                       "Cache-Control",
                                       "If-Match",
                                       "If-Modified-Since",
                                       "If-None-Match",
                                       "If-Range",
                                       "If-Unmodified-Since",
                                       "Pragma",
                                       "Prefer",
                                       "Priority",
                                       "Range",
                                       "User-Agent",
                                       "Want-Content-Digest",
                                       "Want-Repr-Digest" };
  size_t n = strcspn(line, ":;");
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (al_ascii_is(line, n, names[i])) return true;
  return false;
}

static bool absolute (const char *path, size_t n) {
  return (n >= 8 && al_ascii_same(path, "https://", 8)) || (n >= 7 && al_ascii_same(path, "http://", 7));
}

static bool join (al_buf *out, const char *base, const char *path, size_t path_n) {
  al_buf_adds(out, base);
  if (out->n > 0 && out->bytes[out->n - 1] != '/') al_buf_addc(out, '/');
  while (path_n > 0 && *path == '/') path++, path_n--;
  return al_buf_add(out, path, path_n);
}

static const char *read_url (al_request *r, const al_url *home) {
  if (r->url.broken) return r->url.starved ? "can't be put together: there is no memory left" : "is too long";
  const char *text = al_buf_text(&r->url);
  return home != NULL ? al_url_parse_near(&r->where, text, r->url.n, home) : al_url_parse(&r->where, text, r->url.n);
}

/* Judges the URL that was read. */
static const char *check (al_request *r, const al_url *home) {
  if (r->where.fragment) return "has a '#' in it, which a server never sees (percent-encode it)";
  if (!al_url_trusted(&r->where, r->plain)) return "is plain http:// to another machine; use https://";
  if (home != NULL && !al_url_same_origin(&r->where, home))
    return "leads to another origin than this client's base_url, where its token doesn't belong; make a client for it";
  return NULL;
}

const char *al_request_lead (al_request *r, const char *url, size_t n) {
  al_buf_set(&r->url, url, n);
  const char *why = read_url(r, NULL);
  return why != NULL ? why : check(r, NULL);
}

const char *al_request_redirect (al_request *r, const char *url, size_t n) {
  if (!al_buf_set(&r->url, url, n)) return "can't be kept";
  const char *why = al_url_parse_sent(&r->where, al_buf_text(&r->url), n);
  return why != NULL ? why : check(r, NULL);
}

const char *al_request_target (al_request *r, const char *base, const al_url *home, const char *path, size_t path_n,
                               const char *query, size_t query_n) {
  al_buf_clear(&r->url);
  if (absolute(path, path_n)) al_buf_add(&r->url, path, path_n);
  else if (base == NULL) return "is relative, but this client has no base_url";
  else join(&r->url, base, path, path_n);
  if (query_n > 0) {
    al_buf_addc(&r->url, r->url.n > 0 && memchr(r->url.bytes, '?', r->url.n) != NULL ? '&' : '?');
    al_buf_add(&r->url, query, query_n);
  }
  if (base == NULL) home = NULL;
  const char *why = read_url(r, home);
  return why != NULL ? why : check(r, home);
}

const char *al_request_body (const al_request *r, size_t *n) {
  *n = r->lent != NULL ? r->lent_n : r->body.n;
  return r->lent != NULL ? r->lent : al_buf_text(&r->body);
}

void al_request_drop_body (al_request *r) {
  r->has_body = r->reads = r->read_from = r->rereads = false;
  r->length = -1;
  al_buf_clear(&r->body);
}

bool al_request_idempotent (const al_request *r) {
  static const char *const methods[] = { "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE" };
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
    if (strcmp(r->method, methods[i]) == 0) return true;
  return false;
}

bool al_request_repeatable (const al_request *r) {
  return !r->read_from || r->rereads;
}
