#include "ground/url.h"

#include <string.h>

#include "ground/address.h"
#include "ground/ascii.h"

static bool alnum (char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool digit (char c) {
  return c >= '0' && c <= '9';
}

static bool hex (char c) {
  return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Characters of RFC 3986, brackets apart: they belong to a host alone. */
static bool allowed (char c) {
  static const unsigned char set[128] = {
    ['-'] = 1, ['.'] = 1, ['_'] = 1, ['~'] = 1, [':'] = 1, ['/'] = 1,  ['?'] = 1,
    ['#'] = 1, ['@'] = 1, ['!'] = 1, ['$'] = 1, ['&'] = 1, ['\''] = 1, ['('] = 1,
    [')'] = 1, ['*'] = 1, ['+'] = 1, [','] = 1, [';'] = 1, ['='] = 1,  ['%'] = 1,
  };
  return alnum(c) || ((unsigned char)c < 128 && set[(unsigned char)c] != 0);
}

static const char *check_characters (const char *text, size_t n) {
  for (size_t i = 0; i < n; i++) {
    char c = text[i];
    if (c != '%' && allowed(c)) continue;
    if (c == ' ') return "has a space in it (write %20)";
    if ((unsigned char)c < 0x20 || c == 0x7F) return "has a control character in it";
    if ((unsigned char)c >= 0x80) return "has a character outside ASCII in it (percent-encode it)";
    if (!allowed(c)) return "has a character in it that a URL can't have (percent-encode it)";
    if (c == '%' && (i + 2 >= n || !hex(text[i + 1]) || !hex(text[i + 2])))
      return "has a '%' without two hexadecimal digits";
  }
  return NULL;
}

static bool foreign (const char *host, size_t n) {
  for (size_t i = 0; i < n; i++)
    if ((unsigned char)host[i] >= 0x80) return true;
  return false;
}

static const char *unfit_host (const char *host, size_t n) {
  if (n == 0) return "has no host";
  if (foreign(host, n)) return "has a host outside ASCII; write it in punycode: xn--...";
  return "has a host that can't be read";
}

static bool name_host (const char *host, size_t n) {
  if (n == 0 || n > 255 || host[0] == '.' || host[0] == '-') return false;
  for (size_t i = 0; i < n; i++)
    if (!alnum(host[i]) && host[i] != '-' && host[i] != '.' && host[i] != '_') return false;
  return true;
}

static const char *read_port (al_url *out, const char *p, const char *end) {
  if (p == end) return "has a ':' without a port";
  int port = 0;
  for (; p < end; p++) {
    if (!digit(*p)) return "has a port that isn't a number (or a user:password@, which doesn't belong in a URL)";
    port = port * 10 + (*p - '0');
    if (port > 65535) return "has a port above 65535";
  }
  if (port == 0) return "has port 0";
  out->port = port;
  return NULL;
}

static const char *read_authority (al_url *out, const char *p, const char *end) {
  if (memchr(p, '@', (size_t)(end - p)) != NULL) return "has user:password@ in it; credentials don't belong in a URL";
  const char *host_end;
  if (p < end && *p == '[') {
    const char *close = memchr(p, ']', (size_t)(end - p));
    if (close == NULL) return "has a '[' without ']'";
    host_end = close + 1;
    if (!al_address_six(p, (size_t)(host_end - p))) return "has an IPv6 address that can't be read";
    if (host_end < end && *host_end != ':') return "has something between the address and the port";
  } else {
    const char *colon = memchr(p, ':', (size_t)(end - p));
    host_end = colon != NULL ? colon : end;
    if (!name_host(p, (size_t)(host_end - p))) return unfit_host(p, (size_t)(host_end - p));
    if (al_address_kind_of(p, (size_t)(host_end - p)) == AL_ADDRESS_ODD)
      return "has a host that some read as an IP address, and others don't";
  }
  out->host = p;
  out->host_n = (size_t)(host_end - p);
  out->loopback = al_address_loopback(p, out->host_n);
  out->port = out->https ? 443 : 80;
  return host_end < end ? read_port(out, host_end + 1, end) : NULL;
}

/* What browsers send as it is, too: signs such as "[" and "|", and a '%' by itself. */
static const char *check_sent (const char *text, size_t n) {
  for (size_t i = 0; i < n; i++)
    if ((unsigned char)text[i] <= 0x20 || (unsigned char)text[i] >= 0x7F || strchr("\"<>", text[i]) != NULL)
      return "has a character in it that nobody sends";
  return NULL;
}

static const char *check_tail (const char *text, size_t n, bool sent) {
  const char *why = sent ? check_sent(text, n) : check_characters(text, n);
  const char *mark = memchr(text, '#', n);
  if (why == NULL && mark != NULL && memchr(mark + 1, '#', n - (size_t)(mark - text) - 1) != NULL) return "has two '#'";
  return why;
}

static bool ends_origin (char c) {
  return c == '/' || c == '?' || c == '#';
}

/* Everything from the path on. */
static const char *read_tail (al_url *out, const char *p, const char *end, bool sent) {
  const char *why = check_tail(p, (size_t)(end - p), sent);
  if (why != NULL) return why;
  const char *fragment = memchr(p, '#', (size_t)(end - p));
  out->fragment = fragment != NULL;
  if (fragment != NULL) end = fragment;
  const char *query = memchr(p, '?', (size_t)(end - p));
  out->path = p;
  out->path_n = (size_t)((query != NULL ? query : end) - p);
  if (query != NULL) {
    out->query = query + 1;
    out->query_n = (size_t)(end - query - 1);
  }
  return NULL;
}

static const char *parse (al_url *out, const char *text, size_t n, bool sent) {
  memset(out, 0, sizeof *out);
  if (n >= 8 && al_ascii_same(text, "https://", 8)) out->https = true;
  else if (n < 7 || !al_ascii_same(text, "http://", 7)) return "doesn't begin with https://";
  const char *end = text + n, *start = text + (out->https ? 8 : 7), *p = start;
  while (p < end && !ends_origin(*p)) p++;
  const char *why = read_authority(out, start, p);
  return why != NULL ? why : read_tail(out, p, end, sent);
}

const char *al_url_parse (al_url *out, const char *text, size_t n) {
  return parse(out, text, n, false);
}

const char *al_url_parse_sent (al_url *out, const char *text, size_t n) {
  return parse(out, text, n, true);
}

const char *al_url_parse_near (al_url *out, const char *text, size_t n, const al_url *home) {
  const char *start = home->host - (home->https ? 8 : 7);
  size_t origin_n = (size_t)(home->path - start);
  if (n < origin_n || memcmp(text, start, origin_n) != 0 || (n > origin_n && !ends_origin(text[origin_n])))
    return al_url_parse(out, text, n);
  *out = (al_url){ .https = home->https,
                   .loopback = home->loopback,
                   .host = text + (home->host - start),
                   .host_n = home->host_n,
                   .port = home->port };
  return read_tail(out, text + origin_n, text + n, false);
}

bool al_url_same_origin (const al_url *a, const al_url *b) {
  return a->https == b->https && a->port == b->port && a->host_n == b->host_n &&
         al_ascii_same(a->host, b->host, a->host_n);
}

bool al_url_private (const al_url *u) {
  return u->https || u->loopback;
}

int al_url_listed (const al_url *u, const char *hosts) {
  int at = 0;
  for (const char *name = hosts; name != NULL && *name != '\0'; name = strchr(name, '\n') + 1) {
    at++;
    if (al_ascii_same(u->host, name, u->host_n) && name[u->host_n] == '\n') return at;
  }
  return 0;
}

bool al_url_trusted (const al_url *u, const char *plain) {
  return al_url_private(u) || al_url_listed(u, plain) > 0;
}

bool al_url_may_name (const al_url *by, const al_url *named, const char *plain) {
  if (by->https ? !named->https : !al_url_trusted(named, plain)) return false;
  if (by->loopback || !al_address_inside(named->host, named->host_n)) return true;
  return by->host_n == named->host_n && al_ascii_same(by->host, named->host, by->host_n);
}
