#include "ground/json_text.h"

#define EIGHT(n, kind)                                                                                                \
  [(n)] = (kind), [(n) + 1] = (kind), [(n) + 2] = (kind), [(n) + 3] = (kind), [(n) + 4] = (kind), [(n) + 5] = (kind), \
  [(n) + 6] = (kind), [(n) + 7] = (kind)

const unsigned char al_json_kinds[256] = {
  EIGHT(0, AL_JSON_STOPS),
  [8] = AL_JSON_STOPS,
  ['\t'] = AL_JSON_STOPS | AL_JSON_BLANK,
  ['\n'] = AL_JSON_STOPS | AL_JSON_BLANK,
  [11] = AL_JSON_STOPS,
  [12] = AL_JSON_STOPS,
  ['\r'] = AL_JSON_STOPS | AL_JSON_BLANK,
  [14] = AL_JSON_STOPS,
  [15] = AL_JSON_STOPS,
  EIGHT(16, AL_JSON_STOPS),
  EIGHT(24, AL_JSON_STOPS),
  [' '] = AL_JSON_BLANK,
  ['"'] = AL_JSON_STOPS | AL_JSON_STRUCTURE,
  ['\\'] = AL_JSON_STOPS,
  ['['] = AL_JSON_STRUCTURE,
  [']'] = AL_JSON_STRUCTURE,
  ['{'] = AL_JSON_STRUCTURE,
  ['}'] = AL_JSON_STRUCTURE,
  [','] = AL_JSON_STRUCTURE,
  EIGHT(128, AL_JSON_WIDE),
  EIGHT(136, AL_JSON_WIDE),
  EIGHT(144, AL_JSON_WIDE),
  EIGHT(152, AL_JSON_WIDE),
  EIGHT(160, AL_JSON_WIDE),
  EIGHT(168, AL_JSON_WIDE),
  EIGHT(176, AL_JSON_WIDE),
  EIGHT(184, AL_JSON_WIDE),
  EIGHT(192, AL_JSON_WIDE),
  EIGHT(200, AL_JSON_WIDE),
  EIGHT(208, AL_JSON_WIDE),
  EIGHT(216, AL_JSON_WIDE),
  EIGHT(224, AL_JSON_WIDE),
  EIGHT(232, AL_JSON_WIDE),
  EIGHT(240, AL_JSON_WIDE),
  EIGHT(248, AL_JSON_WIDE),
};

const char *al_json_behind_string (const char *p, const char *end) {
  while (p < end) {
    const char *quote = memchr(p, '"', (size_t)(end - p));
    if (quote == NULL) return end;
    const char *slash = quote;
    while (slash > p && slash[-1] == '\\') slash--;
    p = quote + 1;
    if ((quote - slash) % 2 == 0) return p;
  }
  return end;
}

/* ---- looking ahead ---- */

/* What is wrong with the text is for the reader to find. */
static void look (al_json_ahead *a) {
  int open[AL_JSON_LOOK], depth = 0;
  const char *p = a->at;
  a->looked = a->used = 0;
  while (p < a->end) {
    char c = *p++;
    if (!al_json_is(c, AL_JSON_STRUCTURE)) continue;
    if (c == '"') p = al_json_behind_string(p, a->end);
    else if (c == ',') {
      if (depth > 0) a->hints[open[depth - 1]]++;
    } else if (c == '[' || c == '{') {
      if (a->looked == AL_JSON_LOOK) {
        p--; /* for the next look */
        break;
      }
      while (al_json_is(*p, AL_JSON_BLANK)) p++;
      a->hints[a->looked] = *p != ']' && *p != '}';
      open[depth++] = a->looked++;
    } else if (depth > 0) depth--;
  }
  a->at = p;
}

unsigned al_json_hint (al_json_ahead *a) {
  if (a->used == a->looked) look(a);
  return a->used < a->looked ? a->hints[a->used++] : 0;
}

/* ---- escapes ---- */

static int hex (char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static long hex4 (const char *p) {
  long u = 0;
  for (int i = 0; i < 4; i++) {
    int v = hex(p[i]);
    if (v < 0) return -1;
    u = u * 16 + v;
  }
  return u;
}

static char *put_utf8 (char *out, long u) {
  if (u < 0x80) *out++ = (char)u;
  else if (u < 0x800) *out++ = (char)(0xC0 | u >> 6), *out++ = (char)(0x80 | (u & 63));
  else if (u < 0x10000)
    *out++ = (char)(0xE0 | u >> 12), *out++ = (char)(0x80 | (u >> 6 & 63)), *out++ = (char)(0x80 | (u & 63));
  else
    *out++ = (char)(0xF0 | u >> 18), *out++ = (char)(0x80 | (u >> 12 & 63)), *out++ = (char)(0x80 | (u >> 6 & 63)),
    *out++ = (char)(0x80 | (u & 63));
  return out;
}

/* Behind "\u": one character, or two halves of one; half of one stands for no character, so U+FFFD takes its place. */
static const char *unicode (const char **p, char **out) {
  long u = hex4(*p), low;
  if (u < 0) return "has \\u without four hexadecimal digits behind it";
  *p += 4;
  if (u >= 0xD800 && u < 0xE000) {
    low = u < 0xDC00 && (*p)[0] == '\\' && (*p)[1] == 'u' ? hex4(*p + 2) : -1;
    bool pair = low >= 0xDC00 && low < 0xE000;
    u = pair ? 0x10000 + ((u - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD;
    if (pair) *p += 6;
  }
  *out = put_utf8(*out, u);
  return NULL;
}

static const char shorts[] = "\b\t\n\f\r\"\\/", letters[] = "btnfr\"\\/";

const char *al_json_unescape (const char **p, char **out) {
  char c = *(*p)++;
  if (c == 'u') return unicode(p, out);
  const char *known = c != '\0' ? strchr(letters, c) : NULL;
  if (known == NULL) return "has an escape that JSON doesn't know";
  *(*out)++ = shorts[known - letters];
  return NULL;
}

static char *escape (char *to, char c) {
  static const char digits[] = "0123456789abcdef";
  const char *known = c != '\0' ? strchr(shorts, c) : NULL;
  *to++ = '\\';
  if (known != NULL) {
    *to++ = letters[known - shorts];
    return to;
  }
  to[0] = 'u', to[1] = to[2] = '0';
  to[3] = digits[c >> 4 & 15];
  to[4] = digits[c & 15];
  return to + 5;
}

/* How many bytes the wide character there has (RFC 3629); 0: it is none. */
static int wide (const unsigned char *p, size_t left) {
  int n = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
  if (p[0] < 0xC2 || p[0] > 0xF4 || (size_t)n > left) return 0;
  for (int i = 1; i < n; i++)
    if ((p[i] & 0xC0) != 0x80) return 0;
  bool too_long = (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xF0 && p[1] < 0x90);
  bool none = (p[0] == 0xED && p[1] > 0x9F) || (p[0] == 0xF4 && p[1] > 0x8F);
  return too_long || none ? 0 : n;
}

char *al_json_escape (char *to, const char **from, const char *stop, const char *end) {
  const char *p = *from;
  while (p < stop) {
    if (al_json_is(*p, AL_JSON_WIDE)) {
      int n = wide((const unsigned char *)p, (size_t)(end - p));
      if (n == 0) return NULL;
      memcpy(to, p, (size_t)n);
      to += n, p += n;
    } else if (al_json_is(*p, AL_JSON_STOPS)) to = escape(to, *p++);
    else *to++ = *p++;
  }
  *from = p;
  return to;
}

/* ---- numbers ---- */

static bool is_digit (char c) {
  return c >= '0' && c <= '9';
}

/* Takes digits into the decimal, as many as it has room for. False: there are none. */
static bool digits (const char **p, al_decimal *d, int *taken, bool behind) {
  const char *start = *p;
  for (; is_digit(**p); ++*p) {
    if (*taken < 19) {
      d->digits = d->digits * 10 + (uint64_t)(**p - '0');
      *taken += d->digits > 0;
      d->power -= behind;
    } else {
      d->exact = false;
      d->power += !behind;
    }
  }
  return *p > start;
}

static bool exponent (const char **p, al_decimal *d) {
  const int64_t most = 1000000000000000; /* no text is as long as that, so no digits make up for it */
  bool down = *++*p == '-';
  if (down || **p == '+') ++*p;
  const char *start = *p;
  int64_t power = 0;
  for (; is_digit(**p); ++*p)
    if (power < most) power = power * 10 + (**p - '0');
  d->text_power = down ? -power : power;
  d->power += d->text_power;
  return *p > start;
}

const char *al_json_take_number (const char **p, al_decimal *d, bool *whole) {
  static const char missing[] = "has a number without a digit where one must be";
  int taken = 0;
  *d = (al_decimal){ .exact = true, .text = *p };
  *whole = true;
  if (!digits(p, d, &taken, false)) return missing;
  if (*d->text == '0' && *p > d->text + 1) {
    *p = d->text;
    return "has a number that begins with a zero too many";
  }
  if (**p == '.') {
    ++*p;
    *whole = false;
    if (!digits(p, d, &taken, true)) return missing;
  }
  d->end = *p;
  if (**p == 'e' || **p == 'E') {
    *whole = false;
    if (!exponent(p, d)) return missing;
  }
  return NULL;
}
