#include "law/challenge.h"

#include <string.h>

static bool blank (char c) {
  return c == ' ' || c == '\t';
}

static bool among (char c, const char *others) {
  bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return alnum || (c != '\0' && strchr(others, c) != NULL);
}

static size_t run (const char *p, size_t n, size_t at, const char *others) {
  while (at < n && among(p[at], others)) at++;
  return at;
}

static size_t blanks (const char *p, size_t n, size_t at) {
  while (at < n && blank(p[at])) at++;
  return at;
}

static const char token[] = "!#$%&'*+-.^_`|~", token68[] = "-._~+/";

/* Where the quoted text that begins at `at` ends: at its second quote, or with the field. */
static size_t closing (const char *p, size_t n, size_t at) {
  for (at++; at < n && p[at] != '"'; at++)
    if (p[at] == '\\' && at + 1 < n) at++;
  return at;
}

/* Past what can't be read, up to the next comma. */
static size_t past (const char *p, size_t n, size_t at) {
  for (; at < n && p[at] != ','; at++)
    if (p[at] == '"') at = closing(p, n, at);
  return at < n ? at : n;
}

/* A token68 stands alone up to the next comma. */
static bool read_token68 (const char *p, size_t n, size_t *at, al_challenge *piece) {
  size_t stop = run(p, n, *at, token68);
  if (stop == *at) return false;
  while (stop < n && p[stop] == '=') stop++;
  size_t after = blanks(p, n, stop);
  if (after < n && p[after] != ',') return false;
  *piece = (al_challenge){ .kind = AL_CHALLENGE_TOKEN68, .value = p + *at, .value_n = stop - *at };
  *at = after;
  return true;
}

/* What stands behind the `=` at `at`. */
static void read_value (const char *p, size_t n, size_t *at, al_challenge *piece) {
  size_t from = blanks(p, n, *at + 1);
  piece->quoted = from < n && p[from] == '"';
  size_t stop = piece->quoted ? closing(p, n, from) : run(p, n, from, token);
  *at = piece->quoted && stop < n ? stop + 1 : stop;
  from += piece->quoted;
  piece->value = p + from;
  piece->value_n = stop - from;
}

bool al_challenge_next (const char *field, size_t n, size_t *at, al_challenge *piece) {
  bool opened = *at > 0 && piece->kind == AL_CHALLENGE_SCHEME;
  *at = blanks(field, n, *at);
  if (opened && read_token68(field, n, at, piece)) return true;
  for (;;) {
    while (*at < n && (blank(field[*at]) || field[*at] == ',')) ++*at;
    if (*at >= n) return false;
    size_t stop = run(field, n, *at, token), after = blanks(field, n, stop);
    *piece = (al_challenge){ .kind = AL_CHALLENGE_SCHEME, .name = field + *at, .name_n = stop - *at };
    bool is = stop > *at;
    if (is && after < n && field[after] == '=') {
      piece->kind = AL_CHALLENGE_PARAMETER;
      *at = after;
      read_value(field, n, at, piece);
      return true;
    }
    *at = is ? stop : past(field, n, *at);
    if (is && (stop == n || blank(field[stop]) || field[stop] == ',')) return true;
    if (is) *at = past(field, n, *at);
  }
}
