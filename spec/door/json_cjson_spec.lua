-- Our codec beside lua-cjson: values pass both ways, its marks mean the same, and every difference has its reason.

local airlock = require "airlock"
local cases = require "spec.support.json_cases"
local cjson = require "cjson"
local core = require "airlock.core"
local stage = require "spec.support.stage"

local ours, theirs = core.json, cjson.new()

local function by_them(text)
  local ok, value = pcall(theirs.decode, text)
  if ok then return value end
end

-- Both as text, so that what differs in kind (an integer, a float) but not in value is the same.
local function same(a, b)
  if type(a) ~= type(b) then return false end
  if type(a) ~= "table" then return a == b end
  for name, value in pairs(a) do if not same(value, b[name]) then return false end end
  for name in pairs(b) do if a[name] == nil then return false end end
  return true
end

-- Texts of the corpus of which lua-cjson makes something else, by the reason for ours.
local reasons = {
  ["lua-cjson takes what the grammar of RFC 8259 section 6 doesn't"] = {
    "01", "-01", "00", "012", "0x1", "+1", "1.", "-0.", "0.",
    "[1.]", "1.e1", "-.5", "NaN", "nan", "-NaN", "Infinity", "-Infinity", "inf", '{"a":01}' },
  ["lua-cjson takes control characters in strings, which section 7 has escaped"] = { '"a\nb"', '"\t"', '"\1"', '"\31"',
    '"\r"', '"abcdefgh\n"', '"\\n\n"', '{"a\n":1}' },
  -- such as a name that a program in Java or JavaScript cut in the middle
  ["lua-cjson refuses half of a surrogate pair; the rest of such a text is worth reading"] = {
    '"\\ud83d"', '"\\ude00"', '"\\ud83dx"', '"\\ud83d\\n"', '"\\ud83d\\u0041"', '"\\ude00\\ud83d"',
    '"\\ud83d\\ud83d\\ude00"' },
  ["lua-cjson refuses a byte order mark, which Windows' programs write"] = { "\239\187\191[1]" },
  ["lua-cjson takes a NUL for the end, and passes over what is behind it"] = { "[1]\0", "1.5\0" },
}

describe("beside lua-cjson,", function()
  local told = {}
  for _, texts in pairs(reasons) do
    for _, text in ipairs(texts) do told[text] = true end
  end

  it("the corpus means the same, but where a difference has its reason", function()
    local untold, gone = {}, {}
    local function compare(text)
      local alike = same((ours.decode(text)), (by_them(text)))
      if not alike and not told[text] then untold[#untold + 1] = ("%q"):format(text:sub(1, 40)) end
      if alike and told[text] then gone[#gone + 1] = ("%q"):format(text) end
    end
    for _, list in ipairs { cases.accept, cases.refuse, cases.may } do
      for _, case in ipairs(list) do compare(case[1]) end
    end
    assert.same({}, untold)
    assert.same({}, gone)
  end)

  it("values that one decodes, the other encodes", function()
    local function keeps(value) -- lua-cjson 2.1.0 writes 14 digits
      if type(value) == "number" then return tonumber(("%.14g"):format(value)) == value end
      if type(value) ~= "table" then return true end
      for _, each in pairs(value) do if not keeps(each) then return false end end
      return true
    end
    local kept = 0
    for _, case in ipairs(cases.accept) do
      local text = case[1]
      local value = ours.decode(text)
      if keeps(value) then
        kept = kept + 1
        assert.is_true(same(value, (by_them(theirs.encode(value)))), text)
      end
      assert.is_true(same(by_them(text), ours.decode(ours.encode(by_them(text)))), text)
    end
    assert.is_true(kept > #cases.accept / 2)
  end)

  it("null is the same", function()
    assert.equal(cjson.null, airlock.null)
    assert.equal("[null]", theirs.encode { airlock.null })
    assert.equal("[null]", airlock.json.encode { cjson.null })
  end)

  it("whole numbers keep their digits, which lua-cjson cuts to 14", function()
    assert.equal("100000000000001", airlock.json.encode(100000000000001))
    assert.equal("1e+14", (theirs.encode(100000000000001)))
  end)

  it("marks of lists, where a build of lua-cjson has them, are honoured and set", function()
    -- OpenResty's lua-cjson has them, Debian's hasn't: so one that has them stands in its place, in a Lua of its own
    local script = stage.file [[
      local real = require "cjson"
      local fake = setmetatable({ array_mt = { "array_mt" }, empty_array_mt = { "empty_array_mt" },
        empty_array = debug.upvalueid and debug.upvalueid(function() return real end, 1) }, { __index = real })
      package.loaded.cjson = nil
      package.preload.cjson = function() return fake end
      local json = require "airlock".json
      local function is(text, value) assert(json.encode(value) == text, json.encode(value)) end
      is("[]", setmetatable({}, fake.array_mt))
      is("[1]", setmetatable({ 1 }, fake.array_mt))
      is("[]", setmetatable({}, fake.empty_array_mt))
      is('{"a":1}', setmetatable({ a = 1 }, fake.empty_array_mt))
      is("[1]", setmetatable({ 1 }, fake.empty_array_mt))
      is("{}", setmetatable({}, {}))
      if fake.empty_array then is('{"a":[]}', { a = fake.empty_array }) end
      assert(getmetatable(json.decode "[]") == fake.array_mt)
      assert(getmetatable(json.array {}) == fake.array_mt)
      json.array(setmetatable({}, fake.empty_array_mt))
      assert(require "airlock".null == real.null)
      io.write "fine"
    ]]
    assert.equal("fine", stage.shell(("%s '%s' '%s' 2>&1"):format(os.getenv "AIRLOCK_UNDER" or "",
      os.getenv "AIRLOCK_LUA", script)))
  end)
end)
