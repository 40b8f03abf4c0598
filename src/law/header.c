#include "law/header.h"

#include <string.h>
#include <strings.h>

#include "ground/limits.h"

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
  return n == strlen(wanted) && strncasecmp(name, wanted, n) == 0;
}

const char *al_header_find (const char *block, size_t n, const char *name, size_t *value_n) {
  const char *found, *value;
  size_t at = 0, found_n;
  while (al_header_next(block, n, &at, &found, &found_n, &value, value_n))
    if (named(found, found_n, name)) return value;
  return NULL;
}

static int two (const char *p) {
  return p[0] >= '0' && p[0] <= '9' && p[1] >= '0' && p[1] <= '9' ? (p[0] - '0') * 10 + (p[1] - '0') : -1;
}

/* Days since 1970-01-01 of a Gregorian date. */
static int64_t days (int year, int month, int day) {
  year -= month <= 2;
  int64_t era = year / 400, of_era = year - era * 400;
  int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" (IMF-fixdate; its obsolete sisters are not worth their code) as ms; -1: not one. */
static int64_t date (const char *p, size_t n) {
  static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (n != 29 || memcmp(p + 3, ", ", 2) != 0 || memcmp(p + 25, " GMT", 4) != 0) return -1;
  if (p[7] != ' ' || p[11] != ' ' || p[16] != ' ' || p[19] != ':' || p[22] != ':') return -1;
  int month = 0;
  while (month < 12 && strncasecmp(months + (size_t)month * 3, p + 8, 3) != 0) month++;
  int day = two(p + 5), century = two(p + 12), year = two(p + 14), hour = two(p + 17), minute = two(p + 20),
      second = two(p + 23);
  if (month == 12 || day < 1 || century < 0 || year < 0 || hour < 0 || minute < 0 || second < 0) return -1;
  if (day > 31 || hour > 23 || minute > 59 || second > 60) return -1;
  return ((days(century * 100 + year, month + 1, day) * 24 + hour) * 60 + minute) * 60000 + (int64_t)second * 1000;
}

/* How far off that is, up to the longest time there is. */
static int64_t until (int64_t when, int64_t wall_ms) {
  int64_t most = AL_MAX_LIFETIME_S * 1000;
  if (when <= wall_ms) return 0;
  return when - wall_ms < most ? when - wall_ms : most;
}

int64_t al_header_retry_after (const char *block, size_t n, int64_t wall_ms) {
  size_t size;
  const char *p = al_header_find(block, n, "Retry-After", &size);
  if (p == NULL || size == 0) return -1;
  int64_t seconds = 0;
  for (size_t i = 0; i < size; i++) {
    if (p[i] < '0' || p[i] > '9') {
      int64_t when = date(p, size);
      return when < 0 ? -1 : until(when, wall_ms);
    }
    seconds = seconds * 10 + (p[i] - '0');
    if (seconds > AL_MAX_LIFETIME_S) seconds = AL_MAX_LIFETIME_S;
  }
  return seconds * 1000;
}

/* error = "word" or error=word, anywhere between separators; not within a quoted text. */
static bool mentions (const char *p, size_t n, const char *error) {
  size_t size = strlen(error);
  bool quoted = false;
  for (size_t i = 0; i + 6 + size <= n; i++) {
    if (p[i] == '"') quoted = !quoted;
    else if (quoted && p[i] == '\\') i++;
    if (quoted || strncasecmp(p + i, "error", 5) != 0 || (i > 0 && !blank(p[i - 1]) && p[i - 1] != ',')) continue;
    size_t k = i + 5;
    while (k < n && blank(p[k])) k++;
    if (k >= n || p[k] != '=') continue;
    for (k++; k < n && (blank(p[k]) || p[k] == '"');) k++;
    if (k + size <= n && memcmp(p + k, error, size) == 0 && (k + size == n || strchr("\", \t", p[k + size]) != NULL))
      return true;
  }
  return false;
}

bool al_header_challenges (const char *block, size_t n, const char *error) {
  const char *name, *value;
  size_t at = 0, name_n, value_n;
  while (al_header_next(block, n, &at, &name, &name_n, &value, &value_n))
    if (named(name, name_n, "WWW-Authenticate") && mentions(value, value_n, error)) return true;
  return false;
}
