#include "ground/number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double tens[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                               1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
enum { TENS = 22, MOST_DIGITS = 17, READ_DIGITS = 800 }; /* beyond 767 digits none can matter but by not being zero */

static size_t put_digits (char *out, uint64_t value) {
  static const char pairs[] = "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243"
                              "4445464748495051525354555657585960616263646566676869707172737475767778798081828384858687"
                              "888990919293949596979899";
  char text[20];
  size_t at = sizeof text;
  while (value >= 100) {
    at -= 2;
    memcpy(text + at, pairs + value % 100 * 2, 2);
    value /= 100;
  }
  if (value >= 10) memcpy(text + (at -= 2), pairs + value * 2, 2);
  else text[--at] = (char)('0' + value);
  memcpy(out, text + at, sizeof text - at);
  return sizeof text - at;
}

size_t al_number_integer (char out[AL_NUMBER_CHARS], int64_t value) {
  if (value >= 0) return put_digits(out, (uint64_t)value);
  out[0] = '-';
  return 1 + put_digits(out + 1, 0 - (uint64_t)value);
}

/* ---- reading ---- */

/* Of many digits: without their point, so that no locale has a word in it. */
static double read_long (const al_decimal *d) {
  char text[READ_DIGITS + 32];
  size_t n = 0;
  int64_t power = d->text_power;
  bool behind = false;
  for (const char *p = d->text; p < d->end; p++) {
    if (*p == '.') {
      behind = true;
      continue;
    }
    if (n == 0 && *p == '0') power -= behind;
    else if (n < READ_DIGITS) text[n++] = *p, power -= behind;
    else {
      if (*p != '0') text[n - 1] = text[n - 1] == '0' ? '1' : text[n - 1]; /* not a tie, whatever it looked like */
      power += !behind;
    }
  }
  if (n == 0) return 0;
  if (power > 400) power = 400 + READ_DIGITS;
  if (power < -1600) power = -1600;
  snprintf(text + n, sizeof text - n, "e%d", (int)power);
  return strtod(text, NULL);
}

double al_number_read (const al_decimal *d) {
  if (FLT_EVAL_METHOD == 0 && d->exact && d->digits <= 1ULL << 53) { /* one rounding alone, so it is the right one */
    double value = (double)d->digits;
    if (d->power == 0 || d->digits == 0) return value;
    if (d->power > 0 && d->power <= TENS) return value * tens[d->power];
    if (d->power < 0 && -d->power <= TENS) return value / tens[-d->power];
  }
  return read_long(d);
}

/* ---- writing ---- */

/* Digits of a positive float without zeros at their end, and the power of ten of the last. */
typedef struct shortest {
  char digits[MOST_DIGITS + 3];
  int n, power;
} shortest;

static void trim (shortest *s) {
  while (s->n > 1 && s->digits[s->n - 1] == '0') s->n--, s->power++;
}

/* Most floats that people write have few digits. Below 1e15 each step is certain to find them; division is exact. */
static bool few (shortest *s, double value) {
  if (value >= 1e15 || value < 1e-7) return false;
  for (int p = 0; p <= TENS; p++) {
    double scaled = value * tens[p];
    if (scaled >= 1e15) return false;
    double whole = nearbyint(scaled);
    if (whole > 0 && whole / tens[p] == value) {
      s->n = (int)put_digits(s->digits, (uint64_t)whole);
      s->power = -p;
      trim(s);
      return true;
    }
  }
  return false;
}

/* Its first k digits, rounded. Their point may be any locale's, so it is left out; the exponent is the last 'e'. */
static void rounded (shortest *s, double value, int k) {
  char text[64];
  snprintf(text, sizeof text, "%.*e", k - 1, value);
  const char *e = strrchr(text, 'e');
  s->n = 0;
  for (const char *p = text; p < e; p++)
    if (*p >= '0' && *p <= '9') s->digits[s->n++] = *p;
  s->power = atoi(e + 1) - (s->n - 1);
}

static bool reads_back (const shortest *s, double value) {
  char text[48];
  memcpy(text, s->digits, (size_t)s->n);
  snprintf(text + s->n, sizeof text - (size_t)s->n, "e%d", s->power);
  return strtod(text, NULL) == value;
}

/* One more in the last place: at a power of two the gap above is twice that below, and may hold fewer digits. */
static bool next_reads_back (shortest *s, double value) {
  int at = s->n - 1;
  while (at >= 0 && s->digits[at] == '9') s->digits[at--] = '0';
  if (at < 0) return false;
  s->digits[at]++;
  return reads_back(s, value);
}

static bool holds (shortest *s, double value, int k, bool edge) {
  rounded(s, value, k);
  return reads_back(s, value) || (edge && next_reads_back(s, value));
}

static void find (shortest *s, double value) {
  if (few(s, value)) return;
  int exponent;
  bool edge = frexp(value, &exponent) == 0.5;
  int low = 1, high = MOST_DIGITS;
  if (!holds(s, value, 15, edge)) low = 16;
  else high = 15;
  while (low < high) {
    int middle = (low + high) / 2;
    if (holds(s, value, middle, edge)) high = middle;
    else low = middle + 1;
  }
  holds(s, value, high, edge);
  trim(s);
}

static size_t zeros (char *out, int n) {
  memset(out, '0', (size_t)n);
  return (size_t)n;
}

/* Whether the integer that these digits and zeros spell is the value; beyond 64 bits nobody reads an integer. */
static bool is_integer (const shortest *s, double value) {
  if (value >= 9223372036854775808.0) return true;
  uint64_t whole = 0;
  for (int i = 0; i < s->n; i++) whole = whole * 10 + (uint64_t)(s->digits[i] - '0');
  for (int i = 0; i < s->power; i++) whole *= 10;
  return whole == (uint64_t)value;
}

/* As ECMA-262 section 6.1.6.1.20 lays a number out. */
static size_t lay_out (char *out, const shortest *s, bool padded) {
  int point = s->n + s->power; /* digits before it */
  size_t n = 0;
  if (s->power >= 0 && point <= 21 && padded) {
    memcpy(out, s->digits, (size_t)s->n);
    return (size_t)s->n + zeros(out + s->n, s->power);
  }
  if (s->power < 0 && point > 0) {
    memcpy(out, s->digits, (size_t)point);
    out[point] = '.';
    memcpy(out + point + 1, s->digits + point, (size_t)(s->n - point));
    return (size_t)s->n + 1;
  }
  if (point > -6 && point <= 0) {
    out[n++] = '0', out[n++] = '.';
    n += zeros(out + n, -point);
    memcpy(out + n, s->digits, (size_t)s->n);
    return n + (size_t)s->n;
  }
  out[n++] = s->digits[0];
  if (s->n > 1) {
    out[n++] = '.';
    memcpy(out + n, s->digits + 1, (size_t)s->n - 1);
    n += (size_t)s->n - 1;
  }
  out[n++] = 'e';
  out[n++] = point > 0 ? '+' : '-';
  return n + put_digits(out + n, (uint64_t)(point > 0 ? point - 1 : 1 - point));
}

static size_t positive (char *out, double value, bool integers) {
  if (value == 0) return zeros(out, 1);
  if (value < 9007199254740992.0 && value == floor(value)) return put_digits(out, (uint64_t)value);
  shortest s = { .n = 0 };
  find(&s, value);
  return lay_out(out, &s, !integers || is_integer(&s, value));
}

size_t al_number_float (char out[AL_NUMBER_CHARS], double value, bool integers) {
  if (!signbit(value)) return positive(out, value, integers);
  out[0] = '-';
  return 1 + positive(out + 1, -value, integers);
}
