/*
 * JSON for Lua, written: a value that is built as the input says encodes and decodes to the same, or raises with a path
 * for a reason that it has.
 */
#include "state.h"

static const char judge
  [] = "local json = require 'airlock.core'.json\n"
       "local function same(a, b)\n"
       "  if a == json.null or b == json.null or type(a) ~= 'table' or type(b) ~= 'table' then return a == b end\n"
       "  for name, value in pairs(a) do\n"
       "    if not same(value, b[name]) then\n"
       "      if type(name) ~= 'number' or not same(value, b[json.encode(name)]) then return false end\n"
       "    end\n"
       "  end\n"
       "  return true\n"
       "end\n"
       "local reasons = { 'infinite', 'NaN', \"isn't UTF-8\", 'more holes than items', 'a function', 'for a name',\n"
       "  'nested too deeply', 'marked as a list' }\n"
       "local function read(bytes)\n"
       "  local at = 0\n"
       "  local function byte() at = at + 1 return bytes:byte(at) or 0 end\n"
       "  local function text() local n = byte() % 32 at = at + n return bytes:sub(at - n + 1, at) end\n"
       "  local function number()\n"
       "    local whole = byte() * 16777216 + byte() * 65536 + byte() * 256 + byte()\n"
       "    return (whole - 2147483648) * 2.0 ^ ((byte() - 128) * 8)\n"
       "  end\n"
       "  local function value(depth)\n"
       "    local kind = byte() % 16\n"
       "    if depth > 60 or kind < 2 then return byte() % 2 == 0 end\n"
       "    if kind < 5 then return text() end\n"
       "    if kind < 7 then return number() end\n"
       "    if kind == 7 then return byte() - 128 end\n"
       "    if kind == 8 then return json.null end\n"
       "    if kind == 9 and byte() == 255 then return print end\n"
       "    local made = {}\n"
       "    if kind < 12 then for i = 1, byte() % 8 do made[i] = value(depth + 1) end\n"
       "    else for _ = 1, byte() % 8 do\n"
       "      local name = text()\n"
       "      if kind == 15 then name = tonumber(name) or name end\n"
       "      if name == name then made[name] = value(depth + 1) end\n"
       "    end end\n"
       "    if kind == 10 then json.array(made) end\n"
       "    return made\n"
       "  end\n"
       "  return value(0)\n"
       "end\n"
       "return function(bytes)\n"
       "  local value = read(bytes)\n"
       "  local ok, text = pcall(json.encode, value)\n"
       "  local ok2, sorted = pcall(json.encode, value, true)\n"
       "  assert(ok == ok2)\n"
       "  if not ok then\n"
       "    assert(text:find('can\\'t be made JSON of: $', 1, true), text)\n"
       "    for _, reason in ipairs(reasons) do if text:find(reason, 1, true) then return end end\n"
       "    error(text)\n"
       "  end\n"
       "  assert(#text == #sorted)\n"
       "  local back = json.decode(text)\n"
       "  assert(back ~= nil and same(value, back), text)\n"
       "end\n";

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n) {
  lua_State *L = lua_judge(judge);
  lua_pushvalue(L, 1);
  lua_pushlstring(L, (const char *)bytes, n);
  lua_must(L, lua_pcall(L, 1, 0, 0));
  return 0;
}
