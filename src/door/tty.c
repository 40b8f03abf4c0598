#include "door/tty.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ground/printable.h"

/* core.columns(fd) → how many columns the terminal has that the descriptor leads to (80 where it doesn't say); nil: it
 * isn't one. */
int al_l_columns (lua_State *L) {
  int fd = (int)luaL_checkinteger(L, 1);
  if (!isatty(fd)) return 0;
  struct winsize size = { .ws_col = 0 };
  if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) size.ws_col = 80;
  lua_pushinteger(L, size.ws_col);
  return 1;
}

enum how { LINE, LINES, JSON };

/* What stands for a character that isn't shown; in JSON it is the same character, written otherwise. */
static void add_odd (luaL_Buffer *b, enum how how, uint32_t c) {
  char text[16];
  if (how != JSON) luaL_addchar(b, '?');
  else if (c < 0x10000) {
    snprintf(text, sizeof text, "\\u%04x", (unsigned)c);
    luaL_addlstring(b, text, 6);
  } else {
    snprintf(text, sizeof text, "\\u%04x\\u%04x", 0xD7C0u + (unsigned)(c >> 10), 0xDC00u + (unsigned)(c & 0x3FF));
    luaL_addlstring(b, text, 12);
  }
}

static bool shown (enum how how, uint32_t c) {
  return !al_hidden(c) || (how == LINES && (c == '\n' || c == '\t'));
}

/*
 * core.printable(text, how) → the text as it may be shown at a terminal: what steers one, turns the direction of text
 * or can't be seen is '?', and so is what is no UTF-8. `how`: nil for one line, "lines" where line ends and tabs stay,
 * "json" for a JSON string with its quotes, in which such a character becomes an escape.
 */
int al_l_printable (lua_State *L) {
  static const char *const hows[] = { "line", "lines", "json", NULL };
  size_t n;
  const unsigned char *p = (const unsigned char *)luaL_checklstring(L, 1, &n);
  enum how how = (enum how)luaL_checkoption(L, 2, "line", hows);
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  while (n > 0) {
    size_t size = al_utf8(p, n);
    uint32_t c = size > 0 ? al_code_point(p, size) : 0xFFFD;
    if (size > 0 && shown(how, c)) luaL_addlstring(&b, (const char *)p, size);
    else add_odd(&b, how, c);
    size = size > 0 ? size : 1;
    p += size;
    n -= size;
  }
  luaL_pushresult(&b);
  return 1;
}
