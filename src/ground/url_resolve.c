#include "ground/url_resolve.h"

#include <string.h>

#include "ground/ascii.h"
#include "ground/url.h"

typedef struct span {
  const char *at, *end;
} span;

typedef struct resolver {
  al_buf *out;
  size_t path_at; /* where the path begins in it */
  bool strict;
} resolver;

static bool slash (char c) {
  return c == '/' || c == '\\';
}

static bool letter (char c) {
  c = al_ascii_lower(c);
  return c >= 'a' && c <= 'z';
}

static int hex (char c) {
  c = al_ascii_lower(c);
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Whether "%XX" stands there. */
static bool encoded (const char *at, const char *end) {
  return end - at >= 3 && *at == '%' && hex(at[1]) >= 0 && hex(at[2]) >= 0;
}

/* ---- percent-encoding ---- */

/* The sets of section 1.3 of the standard; `odd` are characters that RFC 3986 doesn't have. */
static bool must_encode (const resolver *r, const char *at, const char *end, bool in_query) {
  unsigned char c = (unsigned char)*at;
  if (c <= 0x20 || c >= 0x7F || strchr("\"#<>", c) != NULL) return true;
  if (strchr(in_query ? "'" : "?^`{}", c) != NULL) return true;
  return r->strict && (strchr("[]|\\^`{}", c) != NULL || (c == '%' && !encoded(at, end)));
}

static void add (resolver *r, span text, bool in_query) {
  static const char digits[] = "0123456789ABCDEF";
  for (const char *at = text.at; at < text.end; at++) {
    unsigned char c = (unsigned char)*at;
    char triple[3] = { '%', digits[c >> 4], digits[c & 15] };
    if (must_encode(r, at, text.end, in_query)) al_buf_add(r->out, triple, 3);
    else al_buf_addc(r->out, *at);
  }
}

/* ---- the path ---- */

/* How many dots a segment is, "%2e" being one; 0: it is something else. */
static int dots (span segment) {
  int count = 0;
  for (const char *at = segment.at; at < segment.end; count++) {
    if (*at == '.') at++;
    else if (encoded(at, segment.end) && at[1] == '2' && al_ascii_lower(at[2]) == 'e') at += 3;
    else return 0;
  }
  return count <= 2 ? count : 0;
}

static void drop_segment (resolver *r) {
  size_t n = r->out->n;
  while (n > r->path_at && r->out->bytes[n - 1] != '/') n--;
  if (n > r->path_at) al_buf_cut(r->out, n - 1);
}

static void add_segment (resolver *r, span segment, bool last) {
  int count = dots(segment);
  if (count == 2) drop_segment(r);
  if (count > 0 && !last) return;
  al_buf_addc(r->out, '/');
  if (count == 0) add(r, segment, false);
}

/* Adds a path, which begins behind its first slash. `more`: another one follows. */
static void add_path (resolver *r, span path, bool more) {
  for (const char *at = path.at;; at++) {
    span segment = { at, at };
    while (at < path.end && !slash(*at)) at++;
    segment.end = at;
    add_segment(r, segment, at == path.end && !more);
    if (at == path.end) return;
  }
}

/* ---- the parts of a link ---- */

static span until (span text, const char *marks, size_t n) {
  const char *at = text.at;
  while (at < text.end && memchr(marks, *at, n) == NULL) at++;
  return (span){ text.at, at };
}

static void add_query (resolver *r, span rest) {
  if (rest.at == rest.end) return;
  al_buf_addc(r->out, '?');
  add(r, (span){ rest.at + 1, rest.end }, true);
}

/* A path that begins behind its slash, and a query. */
static void add_rest (resolver *r, span rest) {
  span path = until(rest, "?", 1);
  add_path(r, path, false);
  add_query(r, (span){ path.end, rest.end });
}

/* In a name "%XX" is decoded, but to nothing that would end it; al_url_parse judges what comes out. */
static void add_host (resolver *r, span host) {
  for (const char *at = host.at; at < host.end; at++) {
    bool triple = encoded(at, host.end);
    char c = triple ? (char)(hex(at[1]) * 16 + hex(at[2])) : *at;
    bool fits = letter(c) || (c >= '0' && c <= '9') || (c != '\0' && strchr("-._", c) != NULL);
    al_buf_addc(r->out, triple && !fits ? '@' : al_ascii_lower(c));
    if (triple) at += 2;
  }
}

/* The port, unless it is the scheme's own, and without zeros before it. */
static void add_port (resolver *r, span port, bool https) {
  while (port.end - port.at > 1 && *port.at == '0') port.at++;
  size_t n = (size_t)(port.end - port.at);
  if (n == 0 || al_ascii_is(port.at, n, https ? "443" : "80")) return;
  al_buf_addc(r->out, ':');
  al_buf_add(r->out, port.at, n);
}

/* From the host on, whatever the slashes before it. */
static void add_authority (resolver *r, span rest, bool https) {
  while (rest.at < rest.end && slash(*rest.at)) rest.at++;
  span all = until(rest, "/\\?", 3);
  bool six = all.at < all.end && *all.at == '[';
  span host = six ? until(all, "]", 1) : until(all, ":", 1);
  if (six && host.end < all.end) host.end++;
  al_buf_adds(r->out, https ? "https://" : "http://");
  add_host(r, host);
  if (host.end < all.end && *host.end == ':') add_port(r, (span){ host.end + 1, all.end }, https);
  else al_buf_add(r->out, host.end, (size_t)(all.end - host.end));
  r->path_at = r->out->n;
  rest.at = all.end;
  if (rest.at < rest.end && slash(*rest.at)) rest.at++;
  add_rest(r, rest);
}

/* A link without a scheme of its own. */
static void add_relative (resolver *r, span rest, const al_url *base, const char *text) {
  size_t count = (size_t)(rest.end - rest.at);
  if (count > 1 && slash(rest.at[0]) && slash(rest.at[1])) {
    add_authority(r, rest, base->https);
    return;
  }
  al_buf_add(r->out, text, (size_t)(base->path - text));
  r->path_at = r->out->n;
  span path = { base->path + (base->path_n > 0 ? 1 : 0), base->path + base->path_n };
  if (count > 0 && slash(*rest.at)) add_rest(r, (span){ rest.at + 1, rest.end });
  else if (count == 0 || *rest.at == '?') {
    add_path(r, path, false);
    if (count > 0) add_query(r, rest);
    else if (base->query != NULL) add_query(r, (span){ base->query - 1, base->query + base->query_n });
  } else {
    while (path.end > base->path && path.end[-1] != '/') path.end--;
    if (path.end > path.at) add_path(r, (span){ path.at, path.end - 1 }, true);
    add_rest(r, rest);
  }
}

static bool digit_or_mark (char c) {
  return (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

/* The characters of a scheme before a ':'; 0: there is none. */
static size_t scheme_of (span link) {
  const char *at = link.at;
  while (at < link.end && (letter(*at) || (at > link.at && (digit_or_mark(*at))))) at++;
  return at > link.at && at < link.end && *at == ':' ? (size_t)(at - link.at) : 0;
}

/* "https:x" is relative in a text of https, and a host in one of http. */
static bool add_link (resolver *r, span link, const al_url *base, const char *text) {
  size_t n = scheme_of(link);
  bool https = al_ascii_is(link.at, n, "https");
  if (n > 0 && !https && !al_ascii_is(link.at, n, "http")) return false;
  if (n > 0) link.at += n + 1;
  if (n > 0 && https != base->https) add_authority(r, link, https);
  else add_relative(r, link, base, text);
  return true;
}

/* What stands around it goes, and so do tabs and line breaks anywhere, and a fragment. */
static bool clean (al_buf *out, const char *link, size_t n) {
  while (n > 0 && (unsigned char)*link <= 0x20) link++, n--;
  while (n > 0 && (unsigned char)link[n - 1] <= 0x20) n--;
  for (size_t i = 0; i < n && link[i] != '#'; i++)
    if (link[i] != '\t' && link[i] != '\n' && link[i] != '\r') al_buf_addc(out, link[i]);
  return !out->broken;
}

bool al_url_resolve (al_buf *out, const char *base, size_t base_n, const char *link, size_t n, bool strict) {
  al_url from, there;
  al_buf text = AL_BUF(out->max);
  resolver r = { .out = out, .strict = strict };
  al_buf_clear(out);
  bool ok = al_url_parse_sent(&from, base, base_n) == NULL && clean(&text, link, n) &&
            add_link(&r, (span){ al_buf_text(&text), al_buf_text(&text) + text.n }, &from, base);
  bool starved = text.starved, broken = text.broken;
  al_buf_dispose(&text);
  if (ok && !out->broken && al_url_parse_sent(&there, out->bytes, out->n) == NULL) return true;
  starved = starved || out->starved;
  broken = broken || out->broken;
  al_buf_clear(out);
  out->starved = starved;
  out->broken = broken;
  return false;
}
