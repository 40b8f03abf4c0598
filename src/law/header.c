#include "law/header.h"

#include <string.h>

#include "ground/ascii.h"
#include "ground/limits.h"
#include "law/challenge.h"
#include "law/date.h"

static bool blank (char c) {
  return c == ' ' || c == '\t';
}

bool al_header_next (const char *block, size_t n, size_t *at, const char **name, size_t *name_n, const char **value,
                     size_t *value_n) {
  while (*at < n) {
    const char *line = block + *at, *stop = memchr(line, '\n', n - *at);
    const char *end = stop != NULL ? stop : block + n;
    *at = (size_t)(end - block) + (stop != NULL);
    if (end > line && end[-1] == '\r') end--;
    const char *colon = memchr(line, ':', (size_t)(end - line));
    if (colon == NULL || colon == line) continue; /* the status line, the empty one, or nothing of use */
    *name = line;
    *name_n = (size_t)(colon - line);
    for (colon++; colon < end && blank(*colon);) colon++;
    while (end > colon && blank(end[-1])) end--;
    *value = colon;
    *value_n = (size_t)(end - colon);
    return true;
  }
  return false;
}

static bool named (const char *name, size_t n, const char *wanted) {
  return al_ascii_is(name, n, wanted);
}

const char *al_header_find (const char *block, size_t n, const char *name, size_t *value_n) {
  const char *found, *value;
  size_t at = 0, found_n;
  while (al_header_next(block, n, &at, &found, &found_n, &value, value_n))
    if (named(found, found_n, name)) return value;
  return NULL;
}

/* Seconds with a fraction or not, as milliseconds, up to the longest time there is; -1: it isn't that. */
static int64_t seconds (const char *p, size_t n) {
  int64_t whole = 0, part = 0, unit = 1000;
  size_t i = 0;
  for (; i < n && p[i] >= '0' && p[i] <= '9'; i++) {
    whole = whole * 10 + (p[i] - '0');
    if (whole > AL_MAX_LIFETIME_S) whole = AL_MAX_LIFETIME_S;
  }
  bool point = i > 0 && i + 1 < n && p[i] == '.';
  for (i += point; point && i < n && p[i] >= '0' && p[i] <= '9'; i++) part += (p[i] - '0') * (unit /= 10);
  if (i == 0 || i < n) return -1;
  return whole == AL_MAX_LIFETIME_S ? whole * 1000 : whole * 1000 + part;
}

/* How far off that is, up to the longest time there is. */
static int64_t until (int64_t when, int64_t now) {
  int64_t most = AL_MAX_LIFETIME_S * 1000;
  if (when <= now) return 0;
  return when - now < most ? when - now : most;
}

/* What time it is by the server's own clock, where it says. */
static int64_t their_time (const char *block, size_t n, int64_t wall_ms) {
  size_t size;
  const char *p = al_header_find(block, n, "Date", &size);
  int64_t at = p != NULL ? al_date_read(p, size, wall_ms) : -1;
  return at < 0 ? wall_ms : at;
}

int64_t al_header_retry_after (const char *block, size_t n, int64_t wall_ms) {
  size_t size;
  const char *p = al_header_find(block, n, "Retry-After", &size);
  if (p == NULL) return -1;
  int64_t ms = seconds(p, size), when = ms < 0 ? al_date_read(p, size, wall_ms) : -1;
  return when < 0 ? ms : until(when, their_time(block, n, wall_ms));
}

/* The next WWW-Authenticate field. */
static bool next_challenges (const char *block, size_t n, size_t *at, const char **value, size_t *value_n) {
  const char *name;
  size_t name_n;
  while (al_header_next(block, n, at, &name, &name_n, value, value_n))
    if (named(name, name_n, "WWW-Authenticate")) return true;
  return false;
}

void al_header_note_challenges (al_fault *fault, const char *block, size_t n) {
  const char *value;
  size_t at = 0, value_n, used = 0;
  while (next_challenges(block, n, &at, &value, &value_n)) {
    if (used + value_n + 2 > sizeof fault->challenge) continue;
    al_fault_text(fault->challenge + used, value_n + 1, value, value_n);
    used += strlen(fault->challenge + used);
    fault->challenge[used++] = '\n';
    fault->challenge[used] = '\0';
  }
}

/* Whether a parameter's value is that word, as it stands there or behind quotes. */
static bool says (const al_challenge *piece, const char *word) {
  size_t at = 0, n = strlen(word);
  for (size_t i = 0; i < piece->value_n; i++, at++) {
    if (piece->quoted && piece->value[i] == '\\' && i + 1 < piece->value_n) i++;
    if (at >= n || piece->value[i] != word[at]) return false;
  }
  return at == n;
}

static bool mentions (const char *field, size_t n, const char *error) {
  size_t at = 0;
  al_challenge piece;
  while (al_challenge_next(field, n, &at, &piece))
    if (piece.kind == AL_CHALLENGE_PARAMETER && named(piece.name, piece.name_n, "error") && says(&piece, error))
      return true;
  return false;
}

bool al_header_challenges (const char *block, size_t n, const char *error) {
  const char *value;
  size_t at = 0, value_n;
  while (next_challenges(block, n, &at, &value, &value_n))
    if (mentions(value, value_n, error)) return true;
  return false;
}
