#include "law/date.h"

#include <stdbool.h>
#include <string.h>

#include "ground/ascii.h"

typedef struct cursor {
  const char *p, *end;
  bool bad; /* something else was there than what was wanted */
} cursor;

typedef struct moment {
  int year, month, day, hour, minute, second;
} moment;

static void expect (cursor *c, const char *text) {
  size_t n = strlen(text);
  c->bad = c->bad || (size_t)(c->end - c->p) < n || memcmp(c->p, text, n) != 0;
  if (!c->bad) c->p += n;
}

/* Any letters, so many at least. */
static void word (cursor *c, int least) {
  int n = 0;
  for (; !c->bad && c->p < c->end && al_ascii_lower(*c->p) >= 'a' && al_ascii_lower(*c->p) <= 'z'; c->p++) n++;
  c->bad = c->bad || n < least;
}

static int number (cursor *c, int digits) {
  int value = 0;
  for (; digits > 0; digits--) {
    c->bad = c->bad || c->p == c->end || *c->p < '0' || *c->p > '9';
    if (!c->bad) value = value * 10 + (*c->p++ - '0');
  }
  return value;
}

static int month (cursor *c) {
  static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  int found = 0;
  if (c->bad || c->end - c->p < 3) return c->bad = true, 0;
  while (found < 12 && !al_ascii_same(months + (size_t)found * 3, c->p, 3)) found++;
  c->bad = found == 12;
  c->p += 3;
  return found + 1;
}

static void time_of_day (cursor *c, moment *m) {
  m->hour = number(c, 2);
  expect(c, ":");
  m->minute = number(c, 2);
  expect(c, ":");
  m->second = number(c, 2);
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
static void imf (cursor *c, moment *m, int now) {
  (void)now;
  word(c, 3);
  expect(c, ", ");
  m->day = number(c, 2);
  expect(c, " ");
  m->month = month(c);
  expect(c, " ");
  m->year = number(c, 4);
  expect(c, " ");
  time_of_day(c, m);
  expect(c, " GMT");
}

/* "Sunday, 06-Nov-94 08:49:37 GMT" */
static void rfc850 (cursor *c, moment *m, int now) {
  word(c, 6);
  expect(c, ", ");
  m->day = number(c, 2);
  expect(c, "-");
  m->month = month(c);
  expect(c, "-");
  m->year = now - now % 100 + number(c, 2);
  if (m->year > now + 50) m->year -= 100;
  else if (m->year <= now - 50) m->year += 100;
  expect(c, " ");
  time_of_day(c, m);
  expect(c, " GMT");
}

/* "Sun Nov  6 08:49:37 1994" */
static void asctime_form (cursor *c, moment *m, int now) {
  (void)now;
  word(c, 3);
  expect(c, " ");
  m->month = month(c);
  expect(c, " ");
  bool padded = !c->bad && c->p < c->end && *c->p == ' ';
  if (padded) c->p++;
  m->day = number(c, padded ? 1 : 2);
  expect(c, " ");
  time_of_day(c, m);
  expect(c, " ");
  m->year = number(c, 4);
}

/* Days since 1970-01-01 of a Gregorian date. */
static int64_t days (int year, int month_, int day) {
  year -= month_ <= 2;
  int64_t era = year / 400, of_era = year - era * 400;
  int64_t of_year = (153 * (month_ + (month_ > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int64_t milliseconds (const moment *m) {
  if (m->day < 1 || m->day > 31 || m->hour > 23 || m->minute > 59 || m->second > 60) return -1;
  int64_t at = ((days(m->year, m->month, m->day) * 24 + m->hour) * 60 + m->minute) * 60000 + (int64_t)m->second * 1000;
  return at < 0 ? -1 : at;
}

int64_t al_date_read (const char *text, size_t n, int64_t near_ms) {
  static void (*const forms[])(cursor *, moment *, int) = { imf, rfc850, asctime_form };
  int now = 1970 + (int)(near_ms / 31556952000); /* a mean year */
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    cursor c = { .p = text, .end = text + n };
    moment m = { 0 };
    forms[i](&c, &m, now);
    if (!c.bad && c.p == c.end) return milliseconds(&m);
  }
  return -1;
}
