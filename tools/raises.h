/* For the checkers only: what of Lua's interface doesn't come back. Its own headers don't say so. */
struct lua_State;
extern int lua_error (struct lua_State *L) __attribute__((noreturn));
extern int luaL_error (struct lua_State *L, const char *format, ...) __attribute__((noreturn));
extern int luaL_argerror (struct lua_State *L, int at, const char *why) __attribute__((noreturn));
