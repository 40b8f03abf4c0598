#include "ground/json.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "ground/limits.h"

al_json al_json_from (const char *text, size_t n) {
  bool marked = n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0; /* a byte order mark, which some servers write */
  return (al_json){ .p = text + (marked ? 3 : 0), .end = text + n };
}

static bool fail (al_json *j) {
  j->bad = true;
  return false;
}

static char look (al_json *j) {
  while (j->p < j->end && (*j->p == ' ' || *j->p == '\t' || *j->p == '\n' || *j->p == '\r')) j->p++;
  return j->p < j->end ? *j->p : '\0';
}

al_json_type al_json_peek (al_json *j) {
  if (j->bad) return AL_JSON_BAD;
  char c = look(j);
  switch (c) {
    case '{': return AL_JSON_OBJECT;
    case '[': return AL_JSON_ARRAY;
    case '"': return AL_JSON_STRING;
    case 't': return AL_JSON_TRUE;
    case 'f': return AL_JSON_FALSE;
    case 'n': return AL_JSON_NULL;
    default: return c == '-' || (c >= '0' && c <= '9') ? AL_JSON_NUMBER : AL_JSON_BAD;
  }
}

bool al_json_enter (al_json *j) {
  al_json_type type = al_json_peek(j);
  if ((type != AL_JSON_OBJECT && type != AL_JSON_ARRAY) || j->depth >= AL_MAX_JSON_DEPTH) return fail(j);
  j->p++;
  j->depth++;
  j->first = true;
  return true;
}

/* Whether another element follows: takes the comma before it, or the closing bracket. */
static bool more (al_json *j, char close) {
  if (j->bad) return false;
  char c = look(j);
  bool first = j->first;
  j->first = false;
  if (c == close) {
    j->p++;
    j->depth--;
    return false;
  }
  if (first) return true;
  if (c != ',') return fail(j);
  j->p++;
  return look(j) != close || fail(j);
}

bool al_json_member (al_json *j, al_buf *name) {
  if (!more(j, '}')) return false;
  al_buf_clear(name);
  if (!al_json_string(j, name)) return false;
  if (look(j) != ':') return fail(j);
  j->p++;
  return true;
}

bool al_json_item (al_json *j) {
  return more(j, ']');
}

static bool hex4 (al_json *j, unsigned *out) {
  if (j->end - j->p < 4) return fail(j);
  *out = 0;
  for (int i = 0; i < 4; i++) {
    char c = *j->p++;
    int v = c >= '0' && c <= '9'   ? c - '0'
            : c >= 'a' && c <= 'f' ? c - 'a' + 10
            : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                   : -1;
    if (v < 0) return fail(j);
    *out = *out * 16 + (unsigned)v;
  }
  return true;
}

static bool add_utf8 (al_buf *out, unsigned u) {
  char c[4];
  if (u < 0x80) return al_buf_addc(out, (char)u);
  if (u < 0x800) {
    c[0] = (char)(0xC0 | u >> 6), c[1] = (char)(0x80 | (u & 63));
    return al_buf_add(out, c, 2);
  }
  if (u < 0x10000) {
    c[0] = (char)(0xE0 | u >> 12), c[1] = (char)(0x80 | (u >> 6 & 63)), c[2] = (char)(0x80 | (u & 63));
    return al_buf_add(out, c, 3);
  }
  c[0] = (char)(0xF0 | u >> 18), c[1] = (char)(0x80 | (u >> 12 & 63)), c[2] = (char)(0x80 | (u >> 6 & 63)),
  c[3] = (char)(0x80 | (u & 63));
  return al_buf_add(out, c, 4);
}

/* The second half of a surrogate pair, taken if it is there; 0: it isn't. */
static unsigned second_half (al_json *j) {
  al_json ahead = *j;
  unsigned low;
  if (j->end - j->p < 6 || j->p[0] != '\\' || j->p[1] != 'u') return 0;
  ahead.p += 2;
  if (!hex4(&ahead, &low) || low < 0xDC00 || low >= 0xE000) return 0;
  j->p = ahead.p;
  return low;
}

/* After "\u": a character, or two halves of one. Half of one stands for none, so U+FFFD takes its place. */
static bool unicode (al_json *j, al_buf *out) {
  unsigned u;
  if (!hex4(j, &u)) return false;
  if (u >= 0xD800 && u < 0xE000) {
    unsigned low = u < 0xDC00 ? second_half(j) : 0;
    u = low != 0 ? 0x10000 + ((u - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD;
  }
  return add_utf8(out, u) || fail(j);
}

static bool escape (al_json *j, al_buf *out) {
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  if (j->p >= j->end) return fail(j);
  char c = *j->p++;
  if (c == 'u') return unicode(j, out);
  const char *at = c != '\0' ? strchr(from, c) : NULL;
  return at != NULL ? al_buf_addc(out, to[at - from]) || fail(j) : fail(j);
}

bool al_json_string (al_json *j, al_buf *out) {
  if (al_json_peek(j) != AL_JSON_STRING) return fail(j);
  j->p++;
  for (;;) {
    const char *start = j->p;
    while (j->p < j->end && *j->p != '"' && *j->p != '\\' && (unsigned char)*j->p >= 0x20) j->p++;
    if (!al_buf_add(out, start, (size_t)(j->p - start))) return fail(j);
    if (j->p >= j->end || (unsigned char)*j->p < 0x20) return fail(j);
    if (*j->p++ == '"') return true;
    if (!escape(j, out)) return false;
  }
}

/* Adds digits to value and counts them, up to where it would be infinite: later ones don't matter behind a point, and
 * before it the number is huge anyway. */
static bool digits (al_json *j, double *value, int *count) {
  const char *start = j->p;
  for (; j->p < j->end && *j->p >= '0' && *j->p <= '9'; j->p++)
    if (*value < 1e300) *value = *value * 10 + (*j->p - '0'), ++*count;
  return j->p > start;
}

/* Own arithmetic, as strtod obeys the program's locale; exact for whole numbers below 2^53, which is all that is read
 * here. */
bool al_json_number (al_json *j, double *out) {
  if (al_json_peek(j) != AL_JSON_NUMBER) return fail(j);
  bool minus = *j->p == '-';
  if (minus) j->p++;
  double value = 0, power = 0;
  int whole = 0, fraction = 0, exponent = 0;
  bool zero = j->p < j->end && *j->p == '0';
  if (!digits(j, &value, &whole) || (zero && whole > 1)) return fail(j);
  if (j->p < j->end && *j->p == '.') {
    j->p++;
    if (!digits(j, &value, &fraction)) return fail(j);
  }
  if (j->p < j->end && (*j->p == 'e' || *j->p == 'E')) {
    j->p++;
    bool down = j->p < j->end && *j->p == '-';
    if (j->p < j->end && (*j->p == '-' || *j->p == '+')) j->p++;
    if (!digits(j, &power, &exponent)) return fail(j);
    if (down) power = -power;
  }
  if (value > 0 && (fraction > 0 || power != 0)) value *= pow(10, power - fraction);
  *out = minus ? -value : value;
  return true;
}

static bool word (al_json *j, const char *text) {
  size_t n = strlen(text);
  if ((size_t)(j->end - j->p) < n || memcmp(j->p, text, n) != 0) return fail(j);
  j->p += n;
  return true;
}

/* Passing over checks as strictly as taking; the copy is wiped, as it may be a secret. */
static bool skip_string (al_json *j) {
  al_buf passed = AL_BUF_SECRET((size_t)(j->end - j->p));
  bool ok = al_json_string(j, &passed);
  al_buf_dispose(&passed);
  return ok;
}

static bool skip_inside (al_json *j, bool object) {
  while (more(j, object ? '}' : ']')) {
    if (object) {
      if (al_json_peek(j) != AL_JSON_STRING || !skip_string(j)) return fail(j);
      if (look(j) != ':') return fail(j);
      j->p++;
    }
    if (!al_json_skip(j)) return false;
  }
  return !j->bad;
}

bool al_json_skip (al_json *j) {
  double number;
  al_json_type type = al_json_peek(j);
  switch (type) {
    case AL_JSON_OBJECT:
    case AL_JSON_ARRAY: return al_json_enter(j) && skip_inside(j, type == AL_JSON_OBJECT);
    case AL_JSON_STRING: return skip_string(j);
    case AL_JSON_NUMBER: return al_json_number(j, &number);
    case AL_JSON_TRUE: return word(j, "true");
    case AL_JSON_FALSE: return word(j, "false");
    case AL_JSON_NULL: return word(j, "null");
    default: return fail(j);
  }
}

bool al_json_done (al_json *j) {
  if (j->bad) return false;
  look(j);
  return j->p == j->end && j->depth == 0;
}

/* ---- writing ---- */

bool al_json_add (al_buf *out, const char *text, size_t n) {
  al_buf_addc(out, '"');
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c == '"' || c == '\\') al_buf_addc(out, '\\');
    if (c < 0x20) al_buf_addf(out, "\\u%04x", c);
    else al_buf_addc(out, (char)c);
  }
  return al_buf_addc(out, '"');
}

bool al_json_add_member (al_buf *out, const char *name, const char *value) {
  if (out->n > 0 && out->bytes[out->n - 1] != '{') al_buf_addc(out, ',');
  return al_json_add(out, name, strlen(name)) && al_buf_addc(out, ':') && al_json_add(out, value, strlen(value));
}
