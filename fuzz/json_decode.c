/*
 * JSON for Lua, read: what is read encodes, and decodes to the same; what isn't has a place within the text. Only what
 * no JSON holds doesn't encode: a number that is too large, and text that isn't UTF-8.
 */
#include "state.h"

static const char judge
  [] = "local json = require 'airlock.core'.json\n"
       "local function same(a, b)\n"
       "  if type(a) == 'number' and type(b) == 'string' then return tonumber(b) == a end -- a float with no exponent\n"
       "  if type(a) ~= type(b) then return false end\n"
       "  if type(a) ~= 'table' then return a == b end\n"
       "  if json.marked(a) ~= json.marked(b) then return false end\n"
       "  for name, value in pairs(a) do if not same(value, b[name]) then return false end end\n"
       "  for name in pairs(b) do if a[name] == nil then return false end end\n"
       "  return true\n"
       "end\n"
       "return function(big, text)\n"
       "  local value, why, at, line, column = json.decode(text, big)\n"
       "  if value == nil then\n"
       "    assert(type(why) == 'string' and at >= 0 and at <= #text and line >= 1 and column >= 1)\n"
       "    assert(select(2, text:sub(1, at):gsub('\\n', '')) == line - 1)\n"
       "    return\n"
       "  end\n"
       "  local ok, again = pcall(json.encode, value)\n"
       "  if not ok then\n"
       "    assert(again:find('is infinite', 1, true) or again:find(\"isn't UTF-8\", 1, true), again)\n"
       "    return\n"
       "  end\n"
       "  assert(same(value, (json.decode(again, big))), again)\n"
       "  local sorted = json.encode(value, true)\n"
       "  assert(#sorted == #again and #json.encode(json.decode(sorted), true) == #sorted)\n"
       "end\n";

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n) {
  lua_State *L = lua_judge(judge);
  input in = input_of(bytes, n);
  unsigned first = input_byte(&in);
  size_t size;
  const char *text = input_rest(&in, &size);
  lua_pushvalue(L, 1);
  lua_pushboolean(L, first == 'b');
  lua_pushlstring(L, text, size);
  lua_must(L, lua_pcall(L, 2, 0, 0));
  input_over(&in);
  return 0;
}
