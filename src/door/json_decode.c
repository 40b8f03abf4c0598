#include "door/json_decode.h"

#include <stdint.h>
#include <string.h>

#include "door/json.h"
#include "door/scratch.h"
#include "ground/number.h"

/*
 * No recursion: the tables under way lie on Lua's stack, each with the name of the member that is read next to it. A
 * look ahead counts the elements of the next few hundred lists and objects, so each is made in the size that it will
 * have.
 */
enum { LOOK = 256, MOST_HINT = 1 << 16 };

typedef struct reader {
  lua_State *L;
  const char *p, *end;
  const char *why;
  al_buf *scratch; /* for strings with escapes; NULL: none yet */
  int base;        /* the place on the stack that is kept for its userdata */
  int mark;
  bool big_text;
  int depth;
  /* the look ahead */
  const char *ahead;
  int looked, used;
  unsigned hints[LOOK];
  /* of those under way: how many items a list has; -1: it is an object */
  long long items[AL_MAX_JSON_NESTING];
} reader;

/* What a byte is to whoever looks for the end of a string, or passes over blanks. */
enum { PLAIN, STOPS = 1, BLANK = 2, STRUCTURE = 4 };
static const unsigned char kinds[256] = {
  [0] = STOPS,
  [1] = STOPS,
  [2] = STOPS,
  [3] = STOPS,
  [4] = STOPS,
  [5] = STOPS,
  [6] = STOPS,
  [7] = STOPS,
  [8] = STOPS,
  ['\t'] = STOPS | BLANK,
  ['\n'] = STOPS | BLANK,
  [11] = STOPS,
  [12] = STOPS,
  ['\r'] = STOPS | BLANK,
  [14] = STOPS,
  [15] = STOPS,
  [16] = STOPS,
  [17] = STOPS,
  [18] = STOPS,
  [19] = STOPS,
  [20] = STOPS,
  [21] = STOPS,
  [22] = STOPS,
  [23] = STOPS,
  [24] = STOPS,
  [25] = STOPS,
  [26] = STOPS,
  [27] = STOPS,
  [28] = STOPS,
  [29] = STOPS,
  [30] = STOPS,
  [31] = STOPS,
  [' '] = BLANK,
  ['"'] = STOPS | STRUCTURE,
  ['\\'] = STOPS,
  ['['] = STRUCTURE,
  [']'] = STRUCTURE,
  ['{'] = STRUCTURE,
  ['}'] = STRUCTURE,
  [','] = STRUCTURE,
};

static bool fail (reader *r, const char *at, const char *why) {
  r->p = at;
  r->why = why;
  return false;
}

static void blanks (reader *r) {
  while (kinds[(unsigned char)*r->p] & BLANK) r->p++;
}

/* ---- looking ahead ---- */

static const char *behind_string (const char *p, const char *end) {
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

/* Each byte is looked at once, however often this is called. What is wrong with the text is for the reader to find. */
static void look_ahead (reader *r) {
  int open[AL_MAX_JSON_NESTING], depth = 0;
  const char *p = r->ahead;
  r->looked = r->used = 0;
  while (p < r->end) {
    char c = *p++;
    if (!(kinds[(unsigned char)c] & STRUCTURE)) continue;
    if (c == '"') p = behind_string(p, r->end);
    else if (c == ',') {
      if (depth > 0) r->hints[open[depth - 1]]++;
    } else if (c == '[' || c == '{') {
      if (r->looked == LOOK || depth == AL_MAX_JSON_NESTING) {
        p--;
        break;
      }
      r->hints[r->looked] = *p != ']' && *p != '}';
      open[depth++] = r->looked++;
    } else if (depth > 0) depth--;
  }
  r->ahead = p;
}

static int hint (reader *r) {
  if (r->used == r->looked) look_ahead(r);
  if (r->used == r->looked) return 0;
  unsigned n = r->hints[r->used++];
  return n > MOST_HINT ? MOST_HINT : (int)n;
}

/* ---- strings ---- */

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
static bool unicode (reader *r, char **out) {
  long u = hex4(r->p), low;
  if (u < 0) return fail(r, r->p - 2, "has \\u without four hexadecimal digits behind it");
  r->p += 4;
  if (u >= 0xD800 && u < 0xE000) {
    low = u < 0xDC00 && r->p[0] == '\\' && r->p[1] == 'u' ? hex4(r->p + 2) : -1;
    bool pair = low >= 0xDC00 && low < 0xE000;
    u = pair ? 0x10000 + ((u - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD;
    if (pair) r->p += 6;
  }
  *out = put_utf8(*out, u);
  return true;
}

static bool escape (reader *r, char **out) {
  char c = *r->p++;
  switch (c) {
    case '"':
    case '\\':
    case '/': break;
    case 'b': c = '\b'; break;
    case 'f': c = '\f'; break;
    case 'n': c = '\n'; break;
    case 'r': c = '\r'; break;
    case 't': c = '\t'; break;
    case 'u': return unicode(r, out);
    default: return fail(r, r->p - 2, "has an escape that JSON doesn't know");
  }
  *(*out)++ = c;
  return true;
}

/* Passes over what needs no look: eight bytes at once where there are as many. */
static inline const char *plain (const char *p, const char *end) {
  const uint64_t ones = 0x0101010101010101ULL, high = 0x8080808080808080ULL;
  for (uint64_t x, quote, slash; end - p >= 8; p += 8) {
    memcpy(&x, p, 8);
    quote = x ^ (ones * '"'), slash = x ^ (ones * '\\');
    /* the byte's own high bit excuses it: such bytes are below 0x20 by this sum alone */
    if ((((x - ones * 0x20) & ~x) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) & high) break;
  }
  while (!(kinds[(unsigned char)*p] & STOPS)) p++;
  return p;
}

static char *room_for (reader *r, const char *start, const char *stop) {
  if (r->scratch == NULL) {
    r->scratch = al_push_scratch(r->L, SIZE_MAX / 2);
    lua_replace(r->L, r->base);
  }
  al_buf_clear(r->scratch);
  char *room = al_buf_reserve(r->scratch, (size_t)(stop - start) + 1);
  if (room == NULL) luaL_error(r->L, "not enough memory");
  return room;
}

/* From the first escape on: what a string means is never longer than how it is written. */
static bool escaped (reader *r, const char *start) {
  const char *stop = behind_string(r->p, r->end);
  if (stop == r->end && (stop[-1] != '"' || stop == r->p)) return fail(r, start - 1, "has a string without an end");
  char *room = room_for(r, start, stop), *out = room + (r->p - start);
  memcpy(room, start, (size_t)(r->p - start));
  for (;;) {
    const char *from = r->p;
    r->p = plain(from, r->end);
    memcpy(out, from, (size_t)(r->p - from));
    out += r->p - from;
    if (*r->p == '"') break;
    if (r->p >= r->end) return fail(r, start - 1, "has a string without an end");
    if (*r->p != '\\') return fail(r, r->p, "has a control character in a string, which must be escaped");
    r->p++;
    if (!escape(r, &out)) return false;
  }
  r->p++;
  al_push_long(r->L, room, (size_t)(out - room));
  return true;
}

/* Behind the opening quote. */
static bool string (reader *r) {
  const char *start = r->p;
  r->p = plain(start, r->end);
  if (*r->p == '"') {
    al_push_long(r->L, start, (size_t)(r->p++ - start));
    return true;
  }
  if (*r->p == '\\') return escaped(r, start);
  if (r->p >= r->end) return fail(r, start - 1, "has a string without an end");
  return fail(r, r->p, "has a control character in a string, which must be escaped");
}

/* ---- numbers ---- */

static bool is_digit (char c) {
  return c >= '0' && c <= '9';
}

static void push_whole (reader *r, const al_decimal *d, bool minus) {
  const uint64_t edge = 1ULL << 63;
  bool fits = d->exact &&
              (sizeof(lua_Integer) >= 8 && LUA_VERSION_NUM >= 503 ? d->digits < edge || (minus && d->digits == edge)
                                                                  : d->digits <= 1ULL << 53);
  if (minus && d->digits == 0) lua_pushnumber(r->L, -0.0); /* which no integer is */
  else if (fits) al_push_integer(r->L, minus ? (long long)(0 - d->digits) : (long long)d->digits);
  else if (r->big_text) lua_pushlstring(r->L, d->text - minus, (size_t)(d->end - d->text) + minus);
  else lua_pushnumber(r->L, minus ? -al_number_read(d) : al_number_read(d));
}

/* Takes digits into the decimal, as many as it has room for. */
static bool digits (reader *r, al_decimal *d, int *taken, bool behind) {
  const char *start = r->p;
  for (; is_digit(*r->p); r->p++) {
    if (*taken < 19) {
      d->digits = d->digits * 10 + (uint64_t)(*r->p - '0');
      *taken += d->digits > 0;
      d->power -= behind;
    } else {
      d->exact = false;
      d->power += !behind;
    }
  }
  return r->p > start || fail(r, start, "has a number without a digit where one must be");
}

static bool exponent (reader *r, al_decimal *d) {
  bool down = *++r->p == '-';
  if (down || *r->p == '+') r->p++;
  const char *start = r->p;
  int power = 0;
  for (; is_digit(*r->p); r->p++)
    if (power < 100000000) power = power * 10 + (*r->p - '0');
  d->text_power = down ? -power : power;
  d->power += d->text_power;
  return r->p > start || fail(r, start, "has a number without a digit where one must be");
}

static bool number (reader *r) {
  bool minus = *r->p == '-', whole = true;
  if (minus) r->p++;
  al_decimal d = { .exact = true, .text = r->p };
  int taken = 0;
  if (!digits(r, &d, &taken, false)) return false;
  if (*d.text == '0' && r->p > d.text + 1) return fail(r, d.text, "has a number that begins with a zero too many");
  if (*r->p == '.') {
    r->p++;
    whole = false;
    if (!digits(r, &d, &taken, true)) return false;
  }
  d.end = r->p;
  if (*r->p == 'e' || *r->p == 'E') {
    whole = false;
    if (!exponent(r, &d)) return false;
  }
  if (whole) push_whole(r, &d, minus);
  else {
    double value = al_number_read(&d);
    lua_pushnumber(r->L, minus ? -value : value);
  }
  return true;
}

/* ---- values ---- */

static bool word (reader *r, const char *text, size_t n) {
  if ((size_t)(r->end - r->p) < n || memcmp(r->p, text, n) != 0)
    return fail(r, r->p, "has a word that JSON doesn't know");
  r->p += n;
  return true;
}

static bool enter (reader *r, bool object) {
  if (r->depth == AL_MAX_JSON_NESTING) return fail(r, r->p, "is nested too deeply");
  luaL_checkstack(r->L, 6, "JSON is nested too deeply");
  int n = hint(r);
  r->items[r->depth++] = object ? -1 : 0;
  lua_createtable(r->L, object ? 0 : n, object ? n : 0);
  if (!object) {
    lua_pushvalue(r->L, r->mark);
    lua_setmetatable(r->L, -2);
  }
  r->p++;
  blanks(r);
  return true;
}

/* Takes one that isn't a list or an object. */
static bool scalar (reader *r) {
  switch (*r->p) {
    case '"': r->p++; return string(r);
    case 't':
      if (!word(r, "true", 4)) return false;
      lua_pushboolean(r->L, 1);
      return true;
    case 'f':
      if (!word(r, "false", 5)) return false;
      lua_pushboolean(r->L, 0);
      return true;
    case 'n':
      if (!word(r, "null", 4)) return false;
      lua_pushlightuserdata(r->L, NULL);
      return true;
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9': return number(r);
    default:
      return fail(r, r->p,
                  r->p >= r->end ? "ends where a value should be" : "has something else where a value should be");
  }
}

/* Takes the name of a member and its colon. */
static bool name (reader *r) {
  if (*r->p != '"')
    return fail(r, r->p,
                r->p >= r->end ? "ends within an object" : "has something else where a member's name should be");
  r->p++;
  if (!string(r)) return false;
  blanks(r);
  if (*r->p != ':')
    return fail(r, r->p, r->p >= r->end ? "ends within an object" : "has something else where a ':' should be");
  r->p++;
  blanks(r);
  return true;
}

/* The value on top goes where it belongs; what comes next. `*over`: the outermost value is whole. */
static bool settle (reader *r, bool *over) {
  for (;;) {
    if (r->depth == 0) {
      *over = true;
      return true;
    }
    long long *items = &r->items[r->depth - 1];
    bool object = *items < 0;
    if (object) lua_rawset(r->L, -3);
    else {
#if LUA_VERSION_NUM < 503
      if (*items == INT32_MAX) return fail(r, r->p, "has a list that is too long");
#endif
      lua_rawseti(r->L, -2, (int)++*items);
    }
    blanks(r);
    char c = *r->p;
    if (c == ',') {
      r->p++;
      blanks(r);
      return !object || name(r);
    }
    if (c != (object ? '}' : ']'))
      return fail(r, r->p,
                  r->p >= r->end ? "ends within a list or an object"
                                 : "has something else where a ',' or the end should be");
    r->p++;
    r->depth--;
  }
}

static bool read_all (reader *r) {
  bool over = false;
  blanks(r);
  while (!over) {
    char c = *r->p;
    if (c == '[' || c == '{') {
      if (!enter(r, c == '{')) return false;
      if (*r->p != (c == '{' ? '}' : ']')) {
        if (c == '{' && !name(r)) return false;
        continue;
      }
      r->p++;
      r->depth--;
    } else if (!scalar(r)) return false;
    if (!settle(r, &over)) return false;
  }
  blanks(r);
  return r->p == r->end || fail(r, r->p, "goes on behind its value");
}

bool al_json_decode (lua_State *L, const char *text, size_t n, int mark, bool big_text, al_json_fault *fault) {
  reader r; /* not emptied as a whole: most of it is never looked at */
  r.L = L, r.p = text, r.end = text + n, r.big_text = big_text, r.scratch = NULL, r.why = NULL;
  r.depth = r.looked = r.used = 0;
  luaL_checkstack(L, 8, "no room for JSON");
  r.mark = lua_absindex(L, mark);
  lua_pushnil(L);
  r.base = lua_gettop(L);
  if (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) r.p += 3;
  r.ahead = r.p;
  if (read_all(&r)) {
    lua_replace(L, r.base);
    return true;
  }
  lua_settop(L, r.base - 1);
  *fault = (al_json_fault){ .why = r.why, .at = (size_t)(r.p - text) };
  return false;
}

/* Line and column of a place, both from 1; columns count bytes. */
static void push_place (lua_State *L, const char *text, size_t at) {
  size_t line = 1, begin = 0;
  for (size_t i = 0; i < at; i++)
    if (text[i] == '\n') line++, begin = i + 1;
  al_push_integer(L, (long long)at);
  al_push_integer(L, (long long)line);
  al_push_integer(L, (long long)(at - begin + 1));
}

/*
 * core.json.decode(text, big_text) → the value; or nil, why (as the end of a sentence), offset from 0, line, column.
 * `big_text`: whole numbers that no number of this Lua holds exactly become their digits.
 */
int al_l_json_decode (lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  al_json_fault fault;
  lua_settop(L, 2);
  if (al_json_decode(L, text, n, lua_upvalueindex(1), lua_toboolean(L, 2) != 0, &fault)) return 1;
  lua_pushnil(L);
  lua_pushstring(L, fault.why);
  push_place(L, text, fault.at);
  return 5;
}
