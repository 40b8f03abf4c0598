#include "door/json_encode.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "door/json_mark.h"
#include "door/json_place.h"
#include "door/mistake.h"
#include "door/scratch.h"
#include "ground/json_text.h"

typedef al_json_place place;

typedef struct writer {
  lua_State *L;
  al_buf *out;            /* its `n` is behind while `to` is ahead; NULL: a small room on C's stack does, so far */
  int kept;               /* the place on Lua's stack for a scratch, where there is no `out` yet */
  char *from, *to, *stop; /* the room, where the next byte goes, and the room's end */
  const char *whose;
  int mark, depth;
  bool sorted;
} writer;

static void write (writer *w, int at, const place *here);

/* `why` is the end of "… can't be made JSON of: it is". */
static int refuse (writer *w, const place *here, const char *why) {
  return al_mistake(w->L, "%s can't be made JSON of: %s is %s", w->whose, al_push_json_place(w->L, here), why);
}

static size_t written (const writer *w) {
  return (size_t)(w->to - w->from);
}

/* More room, as what there is doesn't do: at least so much, and twice of what is written. */
static void grow (writer *w, size_t n, const place *here) {
  size_t old = written(w), room = old > n ? old : n;
  if (n > AL_MAX_JSON - old) refuse(w, here, "part of a text that is longer than 1 GB");
  bool moves = w->out == NULL;
  if (moves) {
    w->out = al_push_scratch(w->L, SIZE_MAX / 2);
    w->out->secret = false; /* what it is made of are Lua's strings, which nobody wipes */
    lua_replace(w->L, w->kept);
    room += old;
  } else w->out->n = old;
  char *to = al_buf_reserve(w->out, room);
  if (to == NULL) al_mistake(w->L, "not enough memory");
  if (moves) memcpy(to, w->from, old);
  w->from = w->out->bytes;
  w->to = w->from + old;
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

enum { FIRST = 1500, PIECE = 512 }; /* bytes: of the first room; of a text that is escaped at a time */

static void write_escaped (writer *w, const char *p, const char *end, const place *here) {
  while (p < end) {
    size_t piece = (size_t)(end - p) < PIECE ? (size_t)(end - p) : PIECE;
    need(w, piece * 6 + 4, here);
    char *to = al_json_escape(w->to, &p, p + piece, end);
    if (to == NULL) refuse(w, here, "text that isn't UTF-8");
    w->to = to;
  }
}

static void write_string (writer *w, const char *text, size_t n, const place *here) {
  bool plain = al_json_all_plain(text, n);
  need(w, plain ? n + 2 : 1, here);
  *w->to++ = '"';
  if (plain) {
    memcpy(w->to, text, n);
    w->to += n;
    *w->to++ = '"';
    return;
  }
  write_escaped(w, text, text + n, here);
  put(w, '"', here);
}

/* The text of a finite number, whatever it is. */
static size_t number_text (lua_State *L, int at, char text[AL_NUMBER_CHARS]) {
  long long whole;
  if (al_tointeger(L, at, &whole)) return al_number_integer(text, whole);
  return al_number_float(text, lua_tonumber(L, at), AL_INTEGERS);
}

static void write_number (writer *w, int at, const place *here) {
  need(w, AL_NUMBER_CHARS, here);
  lua_Number n = lua_tonumber(w->L, at);
  if (isnan(n)) refuse(w, here, "NaN, which no JSON number is");
  if (isinf(n)) refuse(w, here, "infinite, which no JSON number is");
  w->to += number_text(w->L, at, w->to);
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

/* The items behind `n` of a list that has holes, or whose names aren't in order. */
static void write_rest (writer *w, int at, lua_Number n, lua_Number most, const place *in) {
  while (n < most) {
    lua_rawgeti(w->L, at, (int)++n);
    write_item(w, n, lua_gettop(w->L), in);
    lua_pop(w->L, 1);
  }
}

/* Whether the names of a table are 1, 2, 3 and so on, in this order. */
static bool in_order (writer *w, int at) {
  lua_Number n = 0;
  lua_pushnil(w->L);
  while (lua_next(w->L, at) != 0) {
    lua_pop(w->L, 1);
    if (lua_type(w->L, -1) == LUA_TNUMBER && lua_tonumber(w->L, -1) == ++n) continue;
    lua_pop(w->L, 1);
    return false;
  }
  return true;
}

/*
 * Writes a table whose names are 1, 2, 3 and so on, and says how many. It ends early at a name that isn't the next one:
 * *whole is false then. One that may be an object, as it isn't `marked`, is looked at as a whole before the first table
 * in it: so no table is written twice, and the cost stays linear.
 */
static lua_Number write_in_order (writer *w, int at, bool marked, bool *whole, const place *in) {
  bool sure = marked;
  lua_Number n = 0;
  *whole = true;
  put(w, '[', in);
  lua_pushnil(w->L);
  while (lua_next(w->L, at) != 0) {
    bool fits = lua_type(w->L, -2) == LUA_TNUMBER && lua_tonumber(w->L, -2) == n + 1;
    if (fits && !sure && lua_istable(w->L, -1)) fits = sure = in_order(w, at);
    if (!fits) {
      lua_pop(w->L, 2);
      *whole = false;
      break;
    }
    write_item(w, ++n, lua_gettop(w->L), in);
    lua_pop(w->L, 1);
  }
  return n;
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

/* What a name that is a number is as text. The same text mustn't be a name of that table as well. */
static void push_number_name (writer *w, int at, const place *in) {
  char text[AL_NUMBER_CHARS];
  if (isinf(lua_tonumber(w->L, -2))) refuse(w, in, "an object with an infinite number for a name");
  lua_pushlstring(w->L, text, number_text(w->L, -2, text));
  lua_pushvalue(w->L, -1);
  lua_rawget(w->L, at);
  if (!lua_isnil(w->L, -1)) refuse(w, in, "an object with a number for a name that is there as text, too");
  lua_pop(w->L, 1);
}

/* Pushes the name (below its value, on top) of a member of the table at `at`, as text. */
static const char *push_name (writer *w, int at, size_t *n, const place *in) {
  int type = lua_type(w->L, -2);
  if (type == LUA_TNUMBER) push_number_name(w, at, in);
  else if (type == LUA_TSTRING) lua_pushvalue(w->L, -2);
  else {
    lua_pushfstring(w->L, "an object with a %s for a name", luaL_typename(w->L, -2));
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
    const char *name = text ? lua_tolstring(w->L, -2, &n) : push_name(w, at, &n, in);
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
    name.text = push_name(w, at, &name.n, in);
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

/* A table that is marked as a list, or looks like one. False: it is an object; nothing is left of what was written. */
static bool write_list (writer *w, int at, bool marked, const place *here) {
  size_t began = written(w);
  bool whole;
  lua_Number n = write_in_order(w, at, marked, &whole, here);
  if (!whole) {
    lua_Number most = length(w, at, here);
    if (most < 0 && marked) refuse(w, here, "marked as a list, but has a name in it that is no item's number");
    if (most < 0) {
      w->to = w->from + began;
      return false;
    }
    write_rest(w, at, n, most, here);
  }
  put(w, ']', here);
  return true;
}

static bool has_item_1 (writer *w, int at) {
  lua_rawgeti(w->L, at, 1);
  bool has = !lua_isnil(w->L, -1);
  lua_pop(w->L, 1);
  return has;
}

static void write_table (writer *w, int at, const place *here) {
  if (w->depth >= AL_MAX_JSON_NESTING) refuse(w, here, "nested too deeply, or in a circle");
  luaL_checkstack(w->L, 16, "no room for JSON");
  w->depth++;
  bool list = marked(w, at), perhaps = list || has_item_1(w, at) || length(w, at, here) > 0;
  if (!perhaps || !write_list(w, at, list, here)) {
    if (w->sorted) write_sorted(w, at, here);
    else write_members(w, at, here);
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
  w.to = al_buf_reserve(out, FIRST);
  if (w.to == NULL) al_mistake(L, "not enough memory");
  w.from = out->bytes, w.stop = w.to + FIRST;
  write(&w, lua_absindex(L, at), NULL);
  out->n = written(&w);
}

/*
 * core.json.encode(value, sorted, whose) → text. `sorted`: members by name. Raises for what JSON can't hold, in the
 * words of `whose` ("airlock.json.encode: the value"), with the path to it.
 */
int al_l_json_encode (lua_State *L) {
  char small[FIRST];
  writer w = { .L = L, .kept = 4, .from = small, .to = small, .stop = small + sizeof small };
  w.whose = luaL_optstring(L, 3, "airlock.json.encode: the value");
  w.mark = lua_upvalueindex(1);
  w.sorted = lua_toboolean(L, 2) != 0;
  lua_settop(L, 4); /* the scratch's place, too */
  write(&w, 1, NULL);
  if (w.out == NULL) {
    lua_pushlstring(L, w.from, written(&w));
    return 1;
  }
  w.out->n = written(&w);
  al_push_bytes(L, w.out);
  return 1;
}
