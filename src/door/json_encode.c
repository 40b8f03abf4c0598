#include "door/json_encode.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "door/json.h"
#include "door/mistake.h"
#include "door/scratch.h"
#include "ground/number.h"

/* Where in the value the writer is; each stands on C's stack, inside the one it is in. */
typedef struct place {
  const struct place *in;
  const char *name; /* of a member; NULL: of an item */
  size_t name_n;
  lua_Number item;
} place;

typedef struct writer {
  lua_State *L;
  al_buf *out;     /* its `n` is behind while `to` is ahead */
  char *to, *stop; /* where the next byte goes, and the room's end */
  const char *whose;
  int mark, depth;
  bool sorted;
  bool careful; /* a table wasn't the list that it looked like: from now on all names are looked at first */
} writer;

static void write (writer *w, int at, const place *here);

/* ---- mistakes ---- */

static void add_place (luaL_Buffer *b, const place *here) {
  if (here == NULL) return;
  add_place(b, here->in);
  if (here->name == NULL) {
    char text[AL_NUMBER_CHARS];
    luaL_addchar(b, '[');
    luaL_addlstring(b, text, al_number_float(text, here->item));
    luaL_addchar(b, ']');
  } else if (here->name_n > 0 &&
             strspn(here->name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == here->name_n) {
    luaL_addchar(b, '.');
    luaL_addlstring(b, here->name, here->name_n);
  } else {
    luaL_addstring(b, "['");
    for (size_t i = 0; i < here->name_n && i < 64; i++) {
      unsigned char c = (unsigned char)here->name[i];
      luaL_addchar(b, c < 0x20 || c == 0x7f ? '?' : (char)c);
    }
    luaL_addstring(b, "']");
  }
}

/* Its end may say more than that it can't be: `why` is the end of "… can't be encoded as JSON: it is". */
static int refuse (writer *w, const place *here, const char *why) {
  luaL_Buffer b;
  luaL_checkstack(w->L, LUA_MINSTACK, "no room for a message");
  luaL_buffinit(w->L, &b);
  luaL_addchar(&b, '$');
  const place *last = here;
  for (int steps = 0; last != NULL && steps < 20; steps++) last = last->in;
  if (last != NULL) luaL_addstring(&b, " …"); /* the innermost twenty steps say enough, of a circle too */
  else add_place(&b, here);
  luaL_pushresult(&b);
  return al_mistake(w->L, "%s can't be encoded as JSON: %s is %s", w->whose, lua_tostring(w->L, -1), why);
}

static size_t written (const writer *w) {
  return (size_t)(w->to - w->out->bytes);
}

/* More room, as what there is doesn't do: at least so much, and twice of what is written. */
static void grow (writer *w, size_t n, const place *here) {
  if (w->to != NULL) w->out->n = written(w);
  size_t room = w->out->n > n ? w->out->n : n;
  if (room > w->out->max - w->out->n) room = n;
  char *to = al_buf_reserve(w->out, room);
  if (to == NULL && w->out->starved) luaL_error(w->L, "not enough memory");
  if (to == NULL) refuse(w, here, "part of a text that is longer than 1 GB");
  w->to = to;
  w->stop = to + room;
}

/* Sees to room for n more bytes. */
static inline void need (writer *w, size_t n, const place *here) {
  if ((size_t)(w->stop - w->to) < n) grow(w, n, here);
}

static inline void put (writer *w, char c, const place *here) {
  need(w, 1, here);
  *w->to++ = c;
}

static inline void put_word (writer *w, const char *text, size_t n, const place *here) {
  need(w, n, here);
  memcpy(w->to, text, n);
  w->to += n;
}

/* ---- scalars ---- */

enum { PLAIN, ESCAPED, WIDE };
static const unsigned char kinds[256] = {
  [0] = 1,      [1] = 1,      [2] = 1,      [3] = 1,      [4] = 1,      [5] = 1,      [6] = 1,      [7] = 1,
  [8] = 1,      [9] = 1,      [10] = 1,     [11] = 1,     [12] = 1,     [13] = 1,     [14] = 1,     [15] = 1,
  [16] = 1,     [17] = 1,     [18] = 1,     [19] = 1,     [20] = 1,     [21] = 1,     [22] = 1,     [23] = 1,
  [24] = 1,     [25] = 1,     [26] = 1,     [27] = 1,     [28] = 1,     [29] = 1,     [30] = 1,     [31] = 1,
  ['"'] = 1,    ['\\'] = 1,
#define AL_WIDE(n) [n] = 2, [n + 1] = 2, [n + 2] = 2, [n + 3] = 2, [n + 4] = 2, [n + 5] = 2, [n + 6] = 2, [n + 7] = 2
  AL_WIDE(128), AL_WIDE(136), AL_WIDE(144), AL_WIDE(152), AL_WIDE(160), AL_WIDE(168), AL_WIDE(176), AL_WIDE(184),
  AL_WIDE(192), AL_WIDE(200), AL_WIDE(208), AL_WIDE(216), AL_WIDE(224), AL_WIDE(232), AL_WIDE(240), AL_WIDE(248),
#undef AL_WIDE
};

/* How many bytes the character there has (RFC 3629); 0: it is none. */
static int wide (const unsigned char *p, size_t left) {
  int n = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
  if (p[0] < 0xC2 || p[0] > 0xF4 || (size_t)n > left) return 0;
  for (int i = 1; i < n; i++)
    if ((p[i] & 0xC0) != 0x80) return 0;
  bool too_long = (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xF0 && p[1] < 0x90);
  bool none = (p[0] == 0xED && p[1] > 0x9F) || (p[0] == 0xF4 && p[1] > 0x8F);
  return too_long || none ? 0 : n;
}

static char *escape (char *to, unsigned char c) {
  static const char hex[] = "0123456789abcdef";
  static const char shorts[] = "\b\t\n\f\r\"\\", letters[] = "btnfr\"\\";
  const char *known = c != 0 ? strchr(shorts, c) : NULL;
  *to++ = '\\';
  if (known != NULL) {
    *to++ = letters[known - shorts];
    return to;
  }
  memcpy(to, "u00", 3);
  to[3] = hex[c >> 4];
  to[4] = hex[c & 15];
  return to + 5;
}

enum { PIECE = 512 };

/* Whether none of eight bytes needs a look: no control character, quote, backslash, or part of a wide character. */
static inline bool plain8 (uint64_t x) {
  const uint64_t ones = 0x0101010101010101ULL, high = 0x8080808080808080ULL;
  uint64_t quote = x ^ (ones * '"'), slash = x ^ (ones * '\\');
  return (((x - ones * 0x20) | (quote - ones) | (slash - ones) | x) & high) == 0;
}

static inline uint64_t load8 (const unsigned char *p) {
  uint64_t x;
  memcpy(&x, p, 8);
  return x;
}

/* The same of a whole text; its last bytes are looked at together with some before them. */
static bool all_plain (const unsigned char *p, size_t n) {
  if (n >= 8) {
    for (size_t i = 0; i + 8 < n; i += 8)
      if (!plain8(load8(p + i))) return false;
    return plain8(load8(p + n - 8));
  }
  if (n >= 4) {
    uint32_t first, last;
    memcpy(&first, p, 4);
    memcpy(&last, p + n - 4, 4);
    return plain8((uint64_t)first << 32 | last);
  }
  for (size_t i = 0; i < n; i++)
    if (kinds[p[i]] != PLAIN) return false;
  return true;
}

static void write_escaped (writer *w, const unsigned char *p, const unsigned char *end, const place *here) {
  while (p < end) {
    size_t piece = (size_t)(end - p) < PIECE ? (size_t)(end - p) : PIECE;
    need(w, piece * 6 + 4, here);
    char *to = w->to;
    for (const unsigned char *stop = p + piece; p < stop;) {
      unsigned kind = kinds[*p];
      if (kind == PLAIN) *to++ = (char)*p++;
      else if (kind == ESCAPED) to = escape(to, *p++);
      else {
        int bytes = wide(p, (size_t)(end - p));
        if (bytes == 0) refuse(w, here, "text that isn't UTF-8");
        memcpy(to, p, (size_t)bytes);
        to += bytes, p += bytes;
      }
    }
    w->to = to;
  }
}

static void write_string (writer *w, const char *text, size_t n, const place *here) {
  const unsigned char *p = (const unsigned char *)text;
  put(w, '"', here);
  if (all_plain(p, n)) put_word(w, text, n, here);
  else write_escaped(w, p, p + n, here);
  put(w, '"', here);
}

static void write_number (writer *w, int at, const place *here) {
  need(w, AL_NUMBER_CHARS, here);
#if LUA_VERSION_NUM >= 503
  if (lua_isinteger(w->L, at)) {
    w->to += al_number_integer(w->to, (int64_t)lua_tointeger(w->L, at));
    return;
  }
#endif
  lua_Number n = lua_tonumber(w->L, at);
  if (isnan(n)) refuse(w, here, "NaN, which no JSON number is");
  if (isinf(n)) refuse(w, here, "infinite, which no JSON number is");
  w->to += al_number_float(w->to, n);
}

/* LuaJIT's 64-bit integers are cdata, which C sees by their text alone: "12LL" or "12ULL". */
static bool write_cdata (writer *w, int at, const place *here) {
  if (!luaL_callmeta(w->L, at, "__tostring")) return false;
  size_t n, digits;
  const char *text = lua_tolstring(w->L, -1, &n);
  digits = text == NULL ? 0 : strspn(text + (*text == '-'), "0123456789") + (*text == '-');
  bool whole = digits > 0 && (strcmp(text + digits, "LL") == 0 || strcmp(text + digits, "ULL") == 0);
  if (whole) put_word(w, text, digits, here);
  lua_pop(w->L, 1);
  return whole;
}

/* ---- tables ---- */

static void write_item (writer *w, lua_Number n, int at, const place *in) {
  place here = { .in = in, .item = n };
  if (n > 1) put(w, ',', in);
  write(w, at, &here);
}

static void write_items (writer *w, int at, size_t n, const place *in) {
  put(w, '[', in);
  for (size_t i = 1; i <= n; i++) {
    lua_rawgeti(w->L, at, (int)i);
    write_item(w, (lua_Number)i, lua_gettop(w->L), in);
    lua_pop(w->L, 1);
  }
  put(w, ']', in);
}

/* Most tables with an item 1 are lists, in order. False: this one isn't; what was written of it is taken back. */
static bool write_as_list (writer *w, int at, const place *in) {
  size_t began = written(w);
  lua_Number n = 0;
  put(w, '[', in);
  lua_pushnil(w->L);
  while (lua_next(w->L, at) != 0) {
    if (lua_type(w->L, -2) != LUA_TNUMBER || lua_tonumber(w->L, -2) != n + 1) {
      lua_pop(w->L, 2);
      w->to = w->out->bytes + began;
      w->careful = true;
      return false;
    }
    write_item(w, ++n, lua_gettop(w->L), in);
    lua_pop(w->L, 1);
  }
  put(w, ']', in);
  return true;
}

/* What a table is by its names: how long a list, with holes perhaps; -1: an object. Raises for a list that is nearly
 * empty. */
static lua_Number length (writer *w, int at, const place *here) {
  lua_Number most = 0, count = 0;
  lua_pushnil(w->L);
  while (lua_next(w->L, at) != 0) {
    lua_pop(w->L, 1);
    lua_Number n = lua_type(w->L, -1) == LUA_TNUMBER ? lua_tonumber(w->L, -1) : 0;
    if (n < 1 || n != floor(n)) {
      lua_pop(w->L, 1);
      return -1;
    }
    count++;
    if (n > most) most = n;
  }
  if (most > AL_SPARSE_LIST && most > count * 2) refuse(w, here, "a list with more holes than items");
  return most;
}

typedef struct name_of {
  const char *text;
  size_t n;
} name_of;

static int by_name (const void *a, const void *b) {
  const name_of *x = a, *y = b;
  int order = memcmp(x->text, y->text, x->n < y->n ? x->n : y->n);
  return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

/* A name that is a number is written as text; it isn't changed in the table, so it is copied first. Leaves it on top.
 */
static const char *push_name (writer *w, size_t *n, const place *in) {
  lua_pushvalue(w->L, -2);
  int type = lua_type(w->L, -1);
  if (type == LUA_TNUMBER) {
    char text[AL_NUMBER_CHARS];
    lua_Number number = lua_tonumber(w->L, -1);
    if (isinf(number)) refuse(w, in, "an object with an infinite number for a name");
#if LUA_VERSION_NUM >= 503
    size_t length = lua_isinteger(w->L, -1) ? al_number_integer(text, (int64_t)lua_tointeger(w->L, -1))
                                            : al_number_float(text, number);
#else
    size_t length = al_number_float(text, number);
#endif
    lua_pushlstring(w->L, text, length);
    lua_replace(w->L, -2);
  } else if (type != LUA_TSTRING) {
    lua_pushfstring(w->L, "an object with a %s for a name", luaL_typename(w->L, -1));
    refuse(w, in, lua_tostring(w->L, -1));
  }
  return lua_tolstring(w->L, -1, n);
}

/* The value lies at `at`. */
static void write_member (writer *w, const char *name, size_t n, int at, bool first, const place *in) {
  place here = { .in = in, .name = name, .name_n = n };
  if (!first) put(w, ',', in);
  write_string(w, name, n, &here);
  put(w, ':', in);
  write(w, at, &here);
}

static void write_members (writer *w, int at, const place *in) {
  bool first = true;
  put(w, '{', in);
  lua_pushnil(w->L);
  while (lua_next(w->L, at) != 0) {
    size_t n;
    bool text = lua_type(w->L, -2) == LUA_TSTRING;
    const char *name = text ? lua_tolstring(w->L, -2, &n) : push_name(w, &n, in);
    write_member(w, name, n, lua_gettop(w->L) - !text, first, in);
    first = false;
    lua_pop(w->L, 2 - text);
  }
  put(w, '}', in);
}

/* Names are kept alive by a table of theirs, which also finds the values. */
static void write_sorted (writer *w, int at, const place *in) {
  lua_State *L = w->L;
  al_buf *list = al_push_scratch(L, SIZE_MAX / 2);
  int values = lua_gettop(L) + 1;
  lua_newtable(L);
  lua_pushnil(L);
  while (lua_next(L, at) != 0) {
    name_of name;
    name.text = push_name(w, &name.n, in);
    lua_insert(L, -2); /* name of the table, name as text, value */
    lua_rawset(L, values);
    if (!al_buf_add(list, &name, sizeof name)) luaL_error(L, "not enough memory");
  }
  size_t count = list->n / sizeof(name_of);
  name_of *names = (name_of *)(void *)list->bytes;
  if (count > 1) qsort(names, count, sizeof *names, by_name);
  put(w, '{', in);
  for (size_t i = 0; i < count; i++) {
    lua_pushlstring(L, names[i].text, names[i].n);
    lua_rawget(L, values);
    write_member(w, names[i].text, names[i].n, lua_gettop(L), i == 0, in);
    lua_pop(L, 1);
  }
  put(w, '}', in);
  lua_pop(L, 2);
}

static bool marked (writer *w, int at) {
  int top = lua_gettop(w->L);
  if (!lua_getmetatable(w->L, at)) return false;
  bool is = lua_rawequal(w->L, -1, w->mark) != 0;
  if (!is) {
    al_json_mark means = al_json_foreign_mark(w->L, -1);
    lua_pushnil(w->L);
    is = means == AL_JSON_LIST || (means == AL_JSON_LIST_IF_EMPTY && lua_next(w->L, at) == 0);
    lua_settop(w->L, top);
    return is;
  }
  lua_pop(w->L, 1);
  return is;
}

static void write_table (writer *w, int at, const place *here) {
  if (w->depth >= AL_MAX_JSON_NESTING) refuse(w, here, "nested too deeply, or in a circle");
  w->depth++;
  luaL_checkstack(w->L, 12, "no room for JSON");
  lua_Number n = 0;
  if (marked(w, at)) write_items(w, at, lua_rawlen(w->L, at), here);
  else {
    lua_rawgeti(w->L, at, 1);
    bool listlike = !lua_isnil(w->L, -1);
    lua_pop(w->L, 1);
    if (!listlike || w->careful || !write_as_list(w, at, here)) {
      n = length(w, at, here);
      if (n > 0) write_items(w, at, (size_t)n, here);
      else if (w->sorted) write_sorted(w, at, here);
      else write_members(w, at, here);
    }
  }
  w->depth--;
}

static void write (writer *w, int at, const place *here) {
  size_t n;
  const char *text;
  switch (lua_type(w->L, at)) {
    case LUA_TSTRING:
      text = lua_tolstring(w->L, at, &n);
      write_string(w, text, n, here);
      return;
    case LUA_TNUMBER: write_number(w, at, here); return;
    case LUA_TTABLE: write_table(w, at, here); return;
    case LUA_TBOOLEAN:
      if (lua_toboolean(w->L, at)) put_word(w, "true", 4, here);
      else put_word(w, "false", 5, here);
      return;
    case LUA_TNIL: put_word(w, "null", 4, here); return;
    case LUA_TLIGHTUSERDATA:
      if (lua_touserdata(w->L, at) == NULL) put_word(w, "null", 4, here);
      else if (al_json_foreign_mark(w->L, at) == AL_JSON_LIST) put_word(w, "[]", 2, here);
      else refuse(w, here, "a userdata");
      return;
    default:
      luaL_checkstack(w->L, 4, "no room for JSON");
      if (lua_type(w->L, at) > LUA_TTHREAD && write_cdata(w, at, here)) return;
      lua_pushfstring(w->L, "a %s", luaL_typename(w->L, at));
      refuse(w, here, lua_tostring(w->L, -1));
  }
}

void al_json_encode (lua_State *L, int at, int mark, bool sorted, const char *whose, al_buf *out) {
  writer w = { .L = L, .out = out, .whose = whose, .mark = lua_absindex(L, mark), .sorted = sorted };
  grow(&w, 1500, NULL);
  write(&w, lua_absindex(L, at), NULL);
  out->n = written(&w);
}

/*
 * core.json.encode(value, sorted, whose) → text. `sorted`: members by name. Raises for what JSON can't hold, in the
 * words of `whose` ("airlock.json.encode: the value"), with the path to it.
 */
int al_l_json_encode (lua_State *L) {
  const char *whose = luaL_optstring(L, 3, "airlock.json.encode: the value");
  lua_settop(L, 3);
  al_buf *out = al_push_scratch(L, AL_MAX_JSON);
  out->secret = false; /* what it is made of are Lua's strings, which nobody wipes */
  al_json_encode(L, 1, lua_upvalueindex(1), lua_toboolean(L, 2) != 0, whose, out);
  al_push_bytes(L, out);
  return 1;
}
