#include "door/json_decode.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "door/scratch.h"

/*
 * No recursion: the tables under way lie on Lua's stack, each with the name of the member that is read next to it.
 */
enum { MOST_HINT = 1 << 16 };

typedef al_json_reader reader;

static bool fail (reader *r, const char *at, const char *why) {
  r->p = at;
  r->why = why;
  return false;
}

static void blanks (reader *r) {
  while (al_json_is(*r->p, AL_JSON_BLANK)) r->p++;
}

/* ---- strings ---- */

static char *room_for (reader *r, const char *start, const char *stop) {
  if (r->scratch == NULL) {
    r->scratch = al_push_scratch(r->L, SIZE_MAX / 2);
    r->scratch->secret = false; /* Lua's strings are made of it, which nobody wipes */
    lua_replace(r->L, r->base);
  }
  al_buf_clear(r->scratch);
  char *room = al_buf_reserve(r->scratch, (size_t)(stop - start) + 1);
  if (room == NULL) luaL_error(r->L, "not enough memory");
  return room;
}

/* From the first escape on: what a string means is never longer than how it is written. */
static bool escaped (reader *r, const char *start) {
  const char *stop = al_json_behind_string(r->p, r->end);
  if (stop == r->end && (stop[-1] != '"' || stop == r->p)) return fail(r, start - 1, "has a string without an end");
  char *room = room_for(r, start, stop), *out = room + (r->p - start);
  memcpy(room, start, (size_t)(r->p - start));
  for (;;) {
    const char *from = r->p;
    r->p = al_json_plain(from, r->end);
    memcpy(out, from, (size_t)(r->p - from));
    out += r->p - from;
    if (*r->p == '"') break;
    if (r->p >= r->end) return fail(r, start - 1, "has a string without an end");
    if (*r->p != '\\') return fail(r, r->p, "has a control character in a string, which must be escaped");
    const char *slash = r->p++, *why = al_json_unescape(&r->p, &out);
    if (why != NULL) return fail(r, slash, why);
  }
  r->p++;
  al_push_long(r->L, room, (size_t)(out - room));
  return true;
}

/* Behind the opening quote. */
static bool string (reader *r) {
  const char *start = r->p;
  r->p = al_json_plain(start, r->end);
  if (*r->p == '"') {
    al_push_long(r->L, start, (size_t)(r->p++ - start));
    return true;
  }
  if (*r->p == '\\') return escaped(r, start);
  if (r->p >= r->end) return fail(r, start - 1, "has a string without an end");
  return fail(r, r->p, "has a control character in a string, which must be escaped");
}

/* ---- numbers ---- */

static void push_whole (reader *r, const al_decimal *d, bool minus) {
  const uint64_t edge = AL_INTEGERS ? 1ULL << 63 : (1ULL << 53) + 1;
  bool fits = d->exact && (d->digits < edge || (AL_INTEGERS && minus && d->digits == edge));
  if (minus && d->digits == 0) lua_pushnumber(r->L, -0.0); /* which no integer is */
  else if (fits) al_push_integer(r->L, minus ? (long long)(0 - d->digits) : (long long)d->digits);
  else if (r->big_text) lua_pushlstring(r->L, d->text - minus, (size_t)(d->end - d->text) + minus);
  else lua_pushnumber(r->L, minus ? -al_number_read(d) : al_number_read(d));
}

static bool number (reader *r) {
  bool minus = *r->p == '-', whole;
  if (minus) r->p++;
  al_decimal d;
  const char *why = al_json_take_number(&r->p, &d, &whole);
  if (why != NULL) return fail(r, r->p, why);
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
  unsigned hint = al_json_hint(&r->ahead);
  int n = hint < MOST_HINT ? (int)hint : MOST_HINT;
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
    int *items = &r->items[r->depth - 1];
    bool object = *items < 0;
    if (object) lua_rawset(r->L, -3);
    else {
      if (*items == INT_MAX) return fail(r, r->p, "has a list that is too long");
      lua_rawseti(r->L, -2, ++*items);
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

/* Reads on, up to about `until`: false where that isn't the end, and nothing went wrong. */
static bool read_on (reader *r, const char *until) {
  bool over = false;
  while (!over) {
    if (r->p > until) return false;
    char c = *r->p;
    if (c == '[' || c == '{') {
      if (!enter(r, c == '{')) return true;
      if (*r->p != (c == '{' ? '}' : ']')) {
        if (c == '{' && !name(r)) return true;
        continue;
      }
      r->p++;
      r->depth--;
    } else if (!scalar(r)) return true;
    if (!settle(r, &over)) return true;
  }
  blanks(r);
  if (r->p != r->end) fail(r, r->p, "goes on behind its value");
  return true;
}

void al_json_begin (al_json_reader *r, const char *text, size_t n, bool big_text) {
  /* not emptied as a whole: most of it is never looked at */
  r->text = r->p = text, r->end = text + n, r->big_text = big_text, r->scratch = NULL, r->why = NULL;
  r->depth = r->ahead.looked = r->ahead.used = 0;
  if (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) r->p += 3;
  r->ahead.at = r->p, r->ahead.end = r->end;
  blanks(r);
}

bool al_json_some (al_json_reader *r, lua_State *L, int mark, int base, size_t most) {
  r->L = L, r->mark = mark, r->base = base;
  return read_on(r, (size_t)(r->end - r->p) > most ? r->p + most : r->end);
}

bool al_json_end (al_json_reader *r, al_json_fault *fault) {
  if (r->why == NULL) {
    lua_replace(r->L, r->base);
    lua_settop(r->L, r->base);
    return true;
  }
  lua_settop(r->L, r->base - 1);
  *fault = (al_json_fault){ .why = r->why, .at = (size_t)(r->p - r->text) };
  return false;
}

bool al_json_decode (lua_State *L, const char *text, size_t n, int mark, bool big_text, al_json_fault *fault) {
  reader r;
  al_json_begin(&r, text, n, big_text);
  luaL_checkstack(L, 8, "no room for JSON");
  mark = lua_absindex(L, mark);
  lua_pushnil(L);
  al_json_some(&r, L, mark, lua_gettop(L), n);
  return al_json_end(&r, fault);
}

/* Line and column of a place, both from 1; columns count bytes. */
static void push_place (lua_State *L, const char *text, size_t at) {
  size_t line = 1, begin = 0;
  for (size_t i = 0; i < at; i++)
    if (text[i] == '\n') line++, begin = i + 1;
  al_push_integer(L, (long long)at);
  al_push_integer(L, (long long)line);
  al_push_integer(L, 1 + (long long)(at - begin));
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
